// Values as people read them.

const DIGITS = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });

function count(value) {
  return value === null || value === undefined ? "" : DIGITS.format(Number(value));
}

function decimals(places) {
  return value => (value === null || value === undefined ? "" : Number(value).toFixed(places));
}

function percent(value) {
  return value === null || value === undefined ? "" : `${Math.round(100 * Number(value))}%`;
}

function signed(value) {
  return value === null || value === undefined ? "" : `${value > 0 ? "+" : ""}${Number(value).toFixed(1)}`;
}

function yes(value) {
  return value === null || value === undefined ? "" : value ? "yes" : "no";
}

function plain(value) {
  return value === null || value === undefined ? "" : String(value);
}

// A moment, which the lab has in UTC.
function moment(value) {
  return value === null || value === undefined ? "" : `${new Date(Number(value)).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

function size(bytes) {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

// The shortest number that is the same in single precision: 0.1, where double precision would say 0.10000000149011612.
function single(value) {
  for (let digits = 6; digits < 9; digits++) {
    const shorter = Number(value.toPrecision(digits));
    if (Math.fround(shorter) === value) return shorter;
  }
  return value;
}
