-- Let a connection use no more cores than it was given.
-- Inputs: none. Parameters: {threads}, their number. Columns: none.
SET threads = {threads};
