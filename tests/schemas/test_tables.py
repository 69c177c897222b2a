"""The tables are a public contract: names and types stated here change only together with the schema version."""

import duckdb
import pytest
from table_rows import tables

from spectradb import schemas
from spectradb.store.publishing.publish import SOURCES
from spectradb.store.record_schema import TABLES, table_schema

# Required columns end in an exclamation mark, columns computed when published in an asterisk.
CONTRACT = {
    "analyte_names": """
        collection VARCHAR!, analyte_id VARCHAR!, name VARCHAR!, n_spectra BIGINT!, is_plain BOOLEAN!, place INTEGER!""",
    "analytes": """
        analyte_id VARCHAR!, inchikey_2d VARCHAR, name VARCHAR, smiles VARCHAR, inchikey VARCHAR, formula VARCHAR,
        monoisotopic_mass DOUBLE, pubchem_cid BIGINT, n_stereoisomers INTEGER!, structure_embedding_analogue FLOAT[256]""",
    "benchmarks": """
        name VARCHAR!, protocol VARCHAR!, parameters VARCHAR!, started TIMESTAMP!, finished TIMESTAMP!,
        spectradb_version VARCHAR!""",
    "benchmark_results": """
        benchmark VARCHAR!, protocol VARCHAR!, method VARCHAR!, subset VARCHAR!, metric VARCHAR!, value DOUBLE, low DOUBLE,
        high DOUBLE, n BIGINT!""",
    "calibrations": """
        calibration_id VARCHAR!, library VARCHAR!, method VARCHAR!, model VARCHAR, model_fingerprint VARCHAR,
        settings VARCHAR, ppm DOUBLE!, fragment_tolerance_da DOUBLE!, search_id VARCHAR!, contributors VARCHAR[]!,
        n_queries BIGINT!, n_right BIGINT!, answerable DOUBLE, answerable_found DOUBLE!, terms VARCHAR[]!,
        coefficients DOUBLE[]!, laboratory_spread DOUBLE, chance_coefficients DOUBLE[], n_close BIGINT!,
        gap_coefficient DOUBLE, ambiguous_odds DOUBLE!, ambiguous_gap DOUBLE,
        created TIMESTAMP!, spectradb_version VARCHAR!""",
    "clusterings": """
        clustering VARCHAR!, study VARCHAR!, method VARCHAR!, model VARCHAR, min_score DOUBLE!, ppm DOUBLE!,
        rt_window_s DOUBLE, fragment_tolerance_da DOUBLE!, min_share DOUBLE!, spectrum VARCHAR!, n_spectra BIGINT!,
        n_clusters BIGINT!, record_version BIGINT!, spectradb_version VARCHAR!, created TIMESTAMP!, import_id VARCHAR!""",
    "cluster_members": """
        cluster_id BIGINT!, spectrum_id BIGINT!, is_best BOOLEAN!, score FLOAT!, import_id VARCHAR!""",
    "feature_areas": """
        study VARCHAR!, feature_id VARCHAR!, run VARCHAR!, run_id VARCHAR, column_name VARCHAR!, area DOUBLE!,
        precursor_mz DOUBLE, retention_time_s DOUBLE, ion_mobility DOUBLE, ccs DOUBLE, file_name VARCHAR!, sha256 VARCHAR!,
        created TIMESTAMP!""",
    "codebooks": """
        codebook VARCHAR!, study VARCHAR!, model VARCHAR!, codeword INTEGER!, dimension INTEGER!, centroid FLOAT[]!,
        n_fitted BIGINT!, seed INTEGER!, record_version BIGINT!, created TIMESTAMP!""",
    "group_markers": """
        study VARCHAR!, target VARCHAR!, group_value VARCHAR!, level VARCHAR!, model VARCHAR!, codebook VARCHAR!,
        codeword INTEGER!, n_group INTEGER!, n_others INTEGER!, share_group DOUBLE!, share_others DOUBLE!, log2_fold
        DOUBLE!, cliffs_delta DOUBLE!, p_value DOUBLE!, weight DOUBLE!, n_spectra BIGINT!, spectrum_id BIGINT!,
        created TIMESTAMP!, q_value DOUBLE*""",
    "sample_embeddings": """
        study VARCHAR!, method VARCHAR!, model VARCHAR, level VARCHAR!, unit_id VARCHAR!, blanks_subtracted BOOLEAN!,
        codebook VARCHAR, n_spectra BIGINT!, dimension INTEGER!, embedding FLOAT[]!, record_version BIGINT!,
        spectradb_version VARCHAR!, created TIMESTAMP!""",
    "sample_predictions": """
        job VARCHAR!, study VARCHAR!, target VARCHAR!, task VARCHAR!, method VARCHAR!, model VARCHAR, level VARCHAR!,
        blanks_subtracted BOOLEAN!, estimator VARCHAR!, splits VARCHAR!, group_column VARCHAR, seed INTEGER!, fold INTEGER!,
        unit_id VARCHAR!, truth VARCHAR, predicted VARCHAR, truth_number DOUBLE, predicted_number DOUBLE,
        probabilities MAP(VARCHAR, DOUBLE), created TIMESTAMP!""",
    "sample_projection": """
        study VARCHAR!, method VARCHAR!, model VARCHAR, level VARCHAR!, blanks_subtracted BOOLEAN!, projection
        VARCHAR!, seed INTEGER!, unit_id VARCHAR!, x DOUBLE!, y DOUBLE!, explained_x DOUBLE, explained_y DOUBLE,
        created TIMESTAMP!""",
    "spectrum_codewords": """
        codebook VARCHAR!, spectrum_id BIGINT!, codeword INTEGER!, similarity FLOAT!, created TIMESTAMP!""",
    "hits": """
        search_id VARCHAR!, query_id BIGINT!, rank INTEGER!, analyte_id VARCHAR!, library_spectrum_id BIGINT!, score FLOAT!,
        matched_peaks INTEGER!, ppm_error DOUBLE!, n_candidate_analytes INTEGER!, score_gap FLOAT, probability DOUBLE,
        q_value DOUBLE, neighbour_score FLOAT, query_explained FLOAT, library_explained FLOAT, library_spectra INTEGER,
        library_contributors INTEGER, cluster_id BIGINT""",
    "import_log": """
        import_id VARCHAR!, collection VARCHAR!, file_name VARCHAR!, sha256 VARCHAR!, outcome VARCHAR!, reason VARCHAR!,
        n BIGINT!, example VARCHAR, explanation VARCHAR""",
    "imports": """
        import_id VARCHAR!, collection VARCHAR!, kind VARCHAR!, started TIMESTAMP!, finished TIMESTAMP!, n_files INTEGER!,
        n_failed_files INTEGER!, n_read BIGINT!, n_kept BIGINT!, n_dropped BIGINT!, peak_recipe VARCHAR!,
        spectradb_version VARCHAR!""",
    "libraries": """
        name VARCHAR!, origin VARCHAR, licence VARCHAR, peak_recipe VARCHAR!, created TIMESTAMP!, n_spectra BIGINT*,
        n_analytes BIGINT*, n_duplicates BIGINT*""",
    "loss_index": "spectrum_number INTEGER!, loss_step BIGINT!",
    "mces": """
        analyte_a VARCHAR!, analyte_b VARCHAR!, distance DOUBLE!, mode TINYINT!, threshold DOUBLE!, solver VARCHAR!,
        seconds DOUBLE!, myopic_mces_version VARCHAR!""",
    "models": """
        name VARCHAR!, kind VARCHAR!, dimension INTEGER!, preprocessing VARCHAR!, fingerprint VARCHAR!, training_data VARCHAR,
        metrics VARCHAR, licence VARCHAR, created TIMESTAMP!""",
    "peak_index": "spectrum_number INTEGER!, mz DOUBLE!, intensity FLOAT!",
    "peak_spectra": """
        spectrum_number INTEGER!, spectrum_id BIGINT!, collection VARCHAR!, precursor_mz DOUBLE!, base_peak FLOAT!,
        tic DOUBLE!""",
    "properties": "name VARCHAR!, value VARCHAR!",
    "publications": "table_name VARCHAR!, state VARCHAR!, published TIMESTAMP!, sources VARCHAR",
    "runs": """
        run_id VARCHAR!, collection VARCHAR!, name VARCHAR!, sample_id VARCHAR, file_name VARCHAR!, sha256 VARCHAR!,
        ion_mode VARCHAR, chromatography VARCHAR, started TIMESTAMP, dilution DOUBLE, metadata MAP(VARCHAR, VARCHAR),
        import_id VARCHAR!, n_spectra BIGINT*""",
    "samples": """
        sample_id VARCHAR!, study VARCHAR!, name VARCHAR!, sample_type VARCHAR, sample_group VARCHAR, dilution DOUBLE,
        metadata MAP(VARCHAR, VARCHAR), import_id VARCHAR!""",
    "collection_states": "collection VARCHAR!*, state VARCHAR!*, n_spectra BIGINT!*",
    "kept_states": """
        name VARCHAR!, collection VARCHAR!, state VARCHAR!, n_spectra BIGINT!, record_version BIGINT!, kept TIMESTAMP!""",
    "searches": """
        search_id VARCHAR!, study VARCHAR!, library VARCHAR!, record_version BIGINT!,
        study_state VARCHAR, library_state VARCHAR, method VARCHAR!, model VARCHAR, settings VARCHAR, left_out VARCHAR,
        calibration_id VARCHAR, ppm DOUBLE, k INTEGER!, fragment_tolerance_da DOUBLE!, n_queries BIGINT, n_answered BIGINT,
        carried_from VARCHAR, n_carried BIGINT, chance DOUBLE, started TIMESTAMP!, finished TIMESTAMP,
        spectradb_version VARCHAR!""",
    "spectra": """
        spectrum_id BIGINT!, collection VARCHAR!, native_id VARCHAR!, run_id VARCHAR, ms_level TINYINT!, precursor_mz DOUBLE!,
        precursor_mz_stated DOUBLE, precursor_mz_computed DOUBLE, precursor_source VARCHAR, precursor_check VARCHAR!,
        isolation_window_lower DOUBLE, isolation_window_upper DOUBLE,
        charge TINYINT, ion_mode VARCHAR!, adduct VARCHAR, collision_energy VARCHAR,
        collision_energy_ev DOUBLE, collision_energy_nce DOUBLE, instrument VARCHAR, instrument_type VARCHAR,
        contributor VARCHAR, source_license VARCHAR, retention_time_s DOUBLE,
        feature_id VARCHAR, precursor_intensity DOUBLE, ion_mobility DOUBLE, ion_mobility_type VARCHAR, ccs DOUBLE,
        mz DOUBLE[]!, intensity FLOAT[]!, n_peaks INTEGER!, tic DOUBLE!, peaks_hash BIGINT!, splash VARCHAR, name VARCHAR,
        structure_id BIGINT, record_hash BIGINT, analyte_id VARCHAR, import_id VARCHAR!, first_import_id VARCHAR,
        duplicate_of BIGINT*""",
    "tautomers": "analyte_id VARCHAR!, tautomer_id VARCHAR!, rdkit_version VARCHAR!",
    "structures": """
        structure_id BIGINT!, analyte_id VARCHAR!, inchikey VARCHAR, name VARCHAR, smiles VARCHAR, formula VARCHAR,
        monoisotopic_mass DOUBLE, pubchem_cid BIGINT""",
    "studies": """
        name VARCHAR!, origin VARCHAR, licence VARCHAR, peak_recipe VARCHAR!, created TIMESTAMP!, n_spectra BIGINT*,
        n_analytes BIGINT*, n_duplicates BIGINT*""",
}


def declared(name):
    rows = tables(name).execute(
        "SELECT column_name, data_type, is_nullable, coalesce(comment LIKE 'Computed%', false) FROM duckdb_columns() "
        "WHERE table_name = ? ORDER BY column_index",
        [name],
    )
    return ", ".join(
        f"{column} {kind}{'' if null else '!'}{'*' * computed}" for column, kind, null, computed in rows.fetchall()
    )


def test_the_contract_names_every_table():
    assert sorted(CONTRACT) == sorted(schemas.tables())


@pytest.mark.parametrize("name", CONTRACT)
def test_columns(name):
    assert declared(name) == " ".join(CONTRACT[name].split())


@pytest.mark.parametrize("name", TABLES)
def test_the_record_stores_all_but_the_computed_columns(name):
    columns = CONTRACT[name].replace("(VARCHAR, VARCHAR)", "").replace("(VARCHAR, DOUBLE)", "").split(",")
    assert table_schema(name).names == [column.split()[0] for column in columns if not column.endswith("*")]


def test_every_table_is_published_and_recorded_or_computed():
    assert set(SOURCES) | {"publications"} == set(CONTRACT)
    assert set(CONTRACT) - set(TABLES) == {
        *("analyte_names", "analytes", "collection_states", "loss_index", "peak_index", "peak_spectra", "publications"),
    }


@pytest.mark.covers("record/stored_columns")
def test_stored_columns_leaves_out_what_publishing_computes():
    con = tables("libraries")
    rows = con.execute(schemas.read("record/stored_columns"), {"table_name": "libraries"}).fetchall()
    assert rows == [("name",), ("origin",), ("licence",), ("peak_recipe",), ("created",)]


@pytest.mark.parametrize(
    ("table", "twice"),
    [
        ("analytes", "('A', NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1, NULL)"),
        ("properties", "('a', 'b')"),
        ("publications", "('a', 'b', '2026-01-01', NULL)"),
    ],
)
def test_keys_refuse_a_second_row(table, twice):
    con = tables(table)
    con.execute(f"INSERT INTO {table} VALUES {twice}")
    with pytest.raises(duckdb.Error, match=r"[Dd]uplicate key"):
        con.execute(f"INSERT INTO {table} VALUES {twice}")
