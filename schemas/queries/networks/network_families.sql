-- The families of a network, with the commonest name in each.
-- Inputs: network_members, as network_families gives them, and what known_spectra reads.
-- Parameters: $collection; $search, NULL: the newest of the collection; $only_confident.
-- Columns: those of family_summary.
WITH known AS MATERIALIZED (
    FROM known_spectra($collection, search_name := $search, only_confident := $only_confident)
)
FROM family_summary('network_members', 'known');
