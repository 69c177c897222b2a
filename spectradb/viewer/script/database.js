// The database: DuckDB in a worker of this page, started from the page's own bytes, and the one lab that is attached to it.

const STATEMENTS = JSON.parse(document.getElementById("statements").textContent);
const FILE = "lab.duckdb";

// What the page holds packed, and unpacked.
function packed(id) {
  const text = document.getElementById(id).textContent;
  return Uint8Array.fromBase64 ? Uint8Array.fromBase64(text) : Uint8Array.from(atob(text), sign => sign.charCodeAt(0));
}

function unpacked(id) {
  return new Response(new Blob([packed(id)]).stream().pipeThrough(new DecompressionStream("gzip"))).text();
}

// Runs in the worker before its own script: that one fetches the module, which it cannot where the page is a file. The first
// message brings the module's bytes instead, packed: they are compiled while they are unpacked.
function receiveModule() {
  const module = new Promise(resolve => {
    addEventListener("message", message => {
      message.stopImmediatePropagation();
      resolve(message.data);
    }, { once: true });
  });
  self.fetch = async () => {
    const stream = new Blob([await module]).stream().pipeThrough(new DecompressionStream("gzip"));
    return new Response(stream, { headers: { "Content-Type": "application/wasm" } });
  };
}

async function started() {
  const script = await unpacked("worker");
  const worker = new Worker(URL.createObjectURL(new Blob([`(${receiveModule})();\n`, script], { type: "text/javascript" })));
  const module = packed("module");
  worker.postMessage(module, [module.buffer]);
  const database = new duckdb.AsyncDuckDB(new duckdb.VoidLogger(), worker);
  await database.instantiate("blob:module");
  await database.open({
    path: ":memory:",
    query: { castBigIntToDouble: false, castTimestampToDate: false },
    filesystem: { reliableHeadRequests: true, allowFullHTTPReads: true, forceFullHTTPReads: false },
  });
  return database;
}

// Starting takes longer than anything else: it is done before a lab is there.
let ready = null;

function startAhead() {
  ready ??= started();
  ready.catch(() => undefined);
  return ready;
}

// Refuse what the content policy would refuse, in words.
function readable(address) {
  if (location.protocol === "file:") throw new Error("a page that is opened as a file reads labs that are dropped on it");
  if (new URL(address).origin !== location.origin) throw new Error(`the page reads labs of its own server only, ${location.origin}`);
}

// A lab that is open. `source` is a File, or the address of one.
class Lab {
  static async open(source) {
    if (!(source instanceof File)) readable(source);
    const database = await startAhead();
    ready = null;
    try {
      if (source instanceof File) {
        await database.registerFileHandle(FILE, source, duckdb.DuckDBDataProtocol.BROWSER_FILEREADER, true);
      } else {
        await database.registerFileURL(FILE, source, duckdb.DuckDBDataProtocol.HTTP, false);
      }
      const lab = new Lab(database, await database.connect());
      for (const statement of STATEMENTS.attach.statements) await lab.connection.query(statement);
      lab.name = source instanceof File ? source.name : new URL(source).pathname.split("/").pop();
      lab.bytes = source instanceof File ? source.size : null;
      return lab;
    } catch (error) {
      // What was not opened leaves nothing: the next one gets the same database.
      await database.dropFile(FILE).then(() => (ready ??= Promise.resolve(database)), () => database.terminate());
      throw error;
    }
  }

  constructor(database, connection) {
    this.database = database;
    this.connection = connection;
    this.prepared = new Map();
  }

  close() {
    return this.database.terminate();
  }

  // Run one of the page's statements with values by name; return its rows.
  async ask(called, values = {}) {
    const { statements, parameters } = STATEMENTS[called];
    if (!this.prepared.has(called)) this.prepared.set(called, this.connection.prepare(statements[0]));
    const statement = await this.prepared.get(called);
    return rows(await statement.query(...parameters.map(name => values[name] ?? null)));
  }

  // Run what somebody wrote; return the names of its columns and its rows as text, at most so many of them.
  async question(query, limit = null) {
    let found;
    try {
      const statement = await this.connection.prepare(STATEMENTS.as_text.statements[0]);
      const values = { query: query.replace(/[;\s]+$/, ""), limit };
      try {
        found = await statement.query(...STATEMENTS.as_text.parameters.map(name => values[name]));
      } finally {
        await statement.close();
      }
    } catch (error) {
      // What gives no rows is run as it is, such as SET.
      if (!/single SELECT statement/i.test(error.message)) throw error;
      found = await this.connection.query(query);
    }
    return { columns: found.schema.fields.map(column => column.name), rows: rows(found, limit) };
  }
}

// Rows of a result; numbers as numbers where they can be, identifiers of 63 bits as BigInt.
function rows(result, limit = null) {
  const columns = result.schema.fields.map((column, place) => [column.name, result.getChildAt(place), reader(column.type)]);
  const n = limit === null ? result.numRows : Math.min(limit, result.numRows);
  return Array.from({ length: n }, (_, row) =>
    Object.fromEntries(columns.map(([name, values, read]) => [name, read(values.get(row))])),
  );
}

function reader(type) {
  const isSingle = type instanceof Arrow.Float32 || (type.precision === 1 && Arrow.DataType.isFloat(type));
  return value => {
    if (value === null || value === undefined) return null;
    if (typeof value === "bigint" && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) return Number(value);
    return isSingle ? single(value) : value;
  };
}
