-- answerable_share by its former name.
-- Inputs: answerable_share. Parameters: those of answerable_share. Columns: those of answerable_share.
CREATE OR REPLACE MACRO maximum_accuracy(search, truth := 'known_analytes') AS TABLE
FROM answerable_share(search, truth := truth);
COMMENT ON MACRO TABLE maximum_accuracy IS 'Deprecated: call answerable_share';
