-- Pairs that were scored and counted elsewhere as the edges of a network.
-- Inputs: network_links, with (spectrum_id_a, spectrum_id_b, score, matched_peaks). Parameters:
-- $modification_tolerance_da. Columns: those of named_links.
FROM named_links('network_links', modification_tolerance_da := $modification_tolerance_da)
ORDER BY score DESC, spectrum_id_a, spectrum_id_b;
