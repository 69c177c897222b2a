-- Take from a connection to a published lab all that a stranger's statement could do with it but to read the lab: no
-- files, no extensions, no tables of the program that has the connection, and no change of any setting.
-- Inputs: none. Parameters: {megabytes}, memory that all its statements may take; {threads}, cores. Columns: none.
SET enable_progress_bar = false;
SET memory_limit = '{megabytes}MB';
SET threads = {threads};
SET temp_directory = '';
SET python_enable_replacements = false;
SET autoinstall_known_extensions = false;
SET autoload_known_extensions = false;
SET allow_community_extensions = false;
SET enable_external_access = false;
SET lock_configuration = true;
