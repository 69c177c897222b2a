// Rows as a CSV file, as RFC 4180 has it: in UTF-8, NULL as an empty field, and an empty text in quotes.

function csv(columns, rows) {
  const lines = [columns, ...rows.map(row => columns.map(name => row[name]))];
  return lines.map(line => line.map(cell).join(",") + "\r\n").join("");
}

function cell(value) {
  if (value === null || value === undefined) return "";
  const text = String(value);
  return text === "" || /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function download(text, name, type = "text/csv;charset=utf-8") {
  const url = URL.createObjectURL(new Blob([text], { type }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}
