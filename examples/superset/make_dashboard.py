"""Make a dashboard that Apache Superset imports: ``python make_dashboard.py LAB [OUT.zip]``.

The file holds a connection to the lab's published file, read-only, a dataset for each statement of the ten tiles that
``spectradb dashboard`` shows, a chart for each dataset, and the dashboard with its filters; each lab has its own. Superset
lets datasets and charts be that it knows, so that those of other statements or drawings get other names: imported again, the
dashboard shows the new ones. Superset needs ``duckdb-engine``.
"""

from __future__ import annotations

import json
import sys
import uuid
import zipfile
from typing import TYPE_CHECKING

import duckdb

from spectradb import connect, schemas

if TYPE_CHECKING:
    from pathlib import Path

Described = dict[str, object]

OF_ALL = {
    "row_limit": 10000,
    "show_legend": True,
    "color_scheme": "supersetColors",
    "adhoc_filters": [],
    "truncate_metric": True,
}


def metric(name: str, aggregate: str = "SUM", label: str | None = None) -> Described:
    """Aggregate a column, as charts ask for it."""
    return {
        "expressionType": "SIMPLE",
        "column": {"column_name": name},
        "aggregate": aggregate,
        "label": label or name,
        "hasCustomLabel": True,
        "optionName": f"metric_{name}",
    }


def bars(x: str, *metrics: Described, by: str | None = None, **more: object) -> Described:
    """Stack bars: one for each value of a column, parted by another one."""
    return {
        "viz_type": "echarts_timeseries_bar",
        "x_axis": x,
        "metrics": list(metrics),
        "groupby": [by] if by else [],
        "stack": "Stack",
        "xAxisForceCategorical": True,
        "x_axis_sort_asc": True,
        "sort_series_type": "sum",
        "orientation": "vertical",
        **more,
    }


def bubbles(entity: str, x: str, y: str, size: Described, series: str) -> Described:
    """Draw a point for each value of a column, in the colours of another one."""
    return {
        "viz_type": "bubble_v2",
        "entity": entity,
        "series": series,
        "x": metric(x, "MAX"),
        "y": metric(y, "MAX"),
        "size": size,
        "max_bubble_size": "10",
        "opacity": 0.7,
        "xAxisFormat": "SMART_NUMBER",
        "y_axis_format": "SMART_NUMBER",
        "tooltipSizeFormat": "SMART_NUMBER",
        "truncateXAxis": True,
        "truncateYAxis": True,
    }


IN_PARTS = [
    metric("n_confident", label="confident"),
    metric("n_other_answers", label="other answers"),
    metric("n_unanswered", label="unanswered"),
    metric("n_not_searched", label="not searched"),
]
WENT_WRONG = {
    "clause": "WHERE",
    "expressionType": "SIMPLE",
    "subject": "outcome",
    "operator": "IN",
    "operatorId": "IN",
    "comparator": ["dropped", "changed", "failed"],
}
BY_INJECTION = {
    "viz_type": "echarts_timeseries_scatter",
    "x_axis": "injection",
    "metrics": [metric("value", "MAX")],
    "groupby": ["sample_type"],
    "markerSize": 9,
    "truncateYAxis": True,
    "x_axis_sort_asc": True,
}
BY_KIND = {
    "viz_type": "echarts_timeseries_scatter",
    # Not sample: Superset makes a column of each sample_type beside it, and one of those is often called sample.
    "x_axis": "run_id",
    "metrics": [metric("relative_intensity", "MAX")],
    "groupby": ["sample_type"],
    "markerSize": 9,
    "logAxis": True,
}
STATE = {
    "viz_type": "table",
    "query_mode": "raw",
    "all_columns": ["fact", "value", "remedy"],
    "order_by_cols": ['["place", true]'],
    "server_page_length": 0,
}
#: By the names of their statements: the title and how the rows are drawn.
CHARTS: dict[str, tuple[str, Described]] = {
    "identifications": ("Identifications", bars("sample", *IN_PARTS)),
    "confidence": ("Confidence", bars("low", metric("n", label="answers"), by="confident")),
    "coverage": ("Coverage", bars("instrument_type", metric("n_spectra", label="spectra"), by="ion_mode")),
    "blanks_and_qc": ("Blanks and QC", BY_KIND),
    "projection": ("Projection", bubbles("unit_id", "x", "y", metric("x", "COUNT", "points"), "sample_group")),
    "markers": ("Markers", bubbles("codeword", "log2_fold", "minus_log10_q", metric("n_spectra", "MAX"), "group_value")),
    "drift": ("Drift", BY_INJECTION),
    "benchmark": ("Benchmarks", bars("method", metric("value", "MAX"), stack=None)),
    "import_health": ("Import health", bars("reason", metric("n", label="spectra"), by="outcome", adhoc_filters=[WENT_WRONG])),
    "state": ("State", STATE),
}
#: Tiles of several drawings, of which one is shown at a time.
OF_SEVERAL = ("confidence", "projection", "markers", "drift", "benchmark")


def identifier(published: Path, *parts: str) -> str:
    """Name a part of the dashboard of a lab, the same whenever it is made."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "/".join((str(published), *parts))))


def database(published: Path) -> Described:
    """Describe the connection."""
    return {
        "database_name": f"spectradb {published}",
        "sqlalchemy_uri": f"duckdb:///{published}",
        "expose_in_sqllab": True,
        "extra": {"engine_params": {"connect_args": {"read_only": True}}, "allows_virtual_table_explore": True},
        "uuid": identifier(published, "database"),
        "version": "1.0.0",
    }


def dataset(con: duckdb.DuckDBPyConnection, published: Path, name: str) -> Described:
    """Describe the rows of a statement."""
    sql = schemas.read(f"queries/dashboard/{name}")
    found = con.sql(sql)
    kinds = zip(found.columns, found.types, strict=True)
    columns = [
        {"column_name": column, "type": str(kind), "is_dttm": str(kind) == "TIMESTAMP", "groupby": True, "filterable": True}
        for column, kind in kinds
    ]
    own = identifier(published, "dataset", name, sql, json.dumps(columns))
    return {
        # Unique in all of Superset.
        "table_name": f"{name}_{own[:8]}",
        "schema": "main",
        "sql": sql.rstrip().rstrip(";"),
        "columns": columns,
        "metrics": [{"metric_name": "count", "expression": "COUNT(*)"}],
        "uuid": own,
        "database_uuid": identifier(published, "database"),
        "version": "1.0.0",
    }


def chart(published: Path, name: str, of: Described) -> Described:
    """Describe how the rows of a dataset are drawn."""
    title, drawn = CHARTS[name]
    return {
        "slice_name": title,
        "viz_type": drawn["viz_type"],
        "params": OF_ALL | drawn,
        "uuid": identifier(published, "chart", name, str(of["uuid"]), json.dumps(drawn)),
        "dataset_uuid": of["uuid"],
        "version": "1.0.0",
    }


def native_filter(of: Described, column: str, title: str, *, shown: list[str], first: bool) -> Described:
    """Describe a filter by a column of a dataset, and the charts that it applies to."""
    return {
        "id": f"NATIVE_FILTER-{of['table_name']}-{column}",
        "name": title,
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"datasetUuid": of["uuid"], "column": {"name": column}}],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": [i for i, other in enumerate(CHARTS, 1) if other not in shown]},
        "controlValues": {
            "multiSelect": not first,
            "defaultToFirstItem": first,
            "enableEmptyFilter": first,
            "searchAllOptions": False,
            "inverseSelection": False,
        },
        "defaultDataMask": {"extraFormData": {}, "filterState": {}},
        # Its first value applies without a click.
        "requiredFirst": first,
        "cascadeParentIds": [],
        "description": "",
    }


def dashboard(published: Path, datasets: dict[str, Described], charts: dict[str, Described]) -> Described:
    """Describe the dashboard: two charts a row, and the filters."""
    title = f"Lab {published.parent.name}"
    position: Described = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": title}},
    }
    names, rows = list(CHARTS), []
    for number in range(0, len(names), 2):
        row, inside = f"ROW-{number}", []
        for place, name in enumerate(names[number : number + 2], number + 1):
            meta = {
                "chartId": place,
                "uuid": charts[name]["uuid"],
                "width": 6,
                "height": 50,
                "sliceName": CHARTS[name][0],
            }
            inside.append(f"CHART-{name}")
            parents = ["ROOT_ID", "GRID_ID", row]
            position[inside[-1]] = {"type": "CHART", "id": inside[-1], "children": [], "meta": meta, "parents": parents}
        meta = {"background": "BACKGROUND_TRANSPARENT"}
        position[row] = {"type": "ROW", "id": row, "children": inside, "meta": meta, "parents": ["ROOT_ID", "GRID_ID"]}
        rows.append(row)
    position["GRID_ID"] = {"type": "GRID", "id": "GRID_ID", "children": rows, "parents": ["ROOT_ID"]}
    with_study = [name for name, described in datasets.items() if '"study"' in json.dumps(described["columns"])]
    filters = [native_filter(datasets["identifications"], "study", "Study", shown=with_study, first=False)]
    filters += [native_filter(datasets[name], "drawing", CHARTS[name][0], shown=[name], first=True) for name in OF_SEVERAL]
    return {
        "dashboard_title": title,
        "published": True,
        "position": position,
        "metadata": {"native_filter_configuration": filters, "cross_filters_enabled": False, "color_scheme": "supersetColors"},
        "uuid": identifier(published, "dashboard"),
        "version": "1.0.0",
    }


def pack(published: Path, out: str) -> None:
    """Write the file of a published lab."""
    with duckdb.connect(str(published), read_only=True) as con:
        datasets = {name: dataset(con, published, name) for name in CHARTS}
    charts = {name: chart(published, name, datasets[name]) for name in CHARTS}
    files = {
        "metadata.yaml": {"version": "1.0.0", "type": "Dashboard", "timestamp": "2026-01-01T00:00:00+00:00"},
        "databases/spectradb.yaml": database(published),
        "dashboards/spectradb.yaml": dashboard(published, datasets, charts),
    }
    files |= {f"datasets/spectradb/{name}.yaml": described for name, described in datasets.items()}
    files |= {f"charts/{name}.yaml": described for name, described in charts.items()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, described in files.items():
            # JSON is YAML.
            packed.writestr(f"spectradb/{name}", json.dumps(described, indent=2))
    print(f"{out}: {len(CHARTS)} charts over {published}")


def main(lab: str, out: str = "spectradb_superset.zip") -> None:
    """Write the file of a lab."""
    with connect(lab) as opened:
        pack(opened.published.resolve(), out)


if __name__ == "__main__":
    main(*sys.argv[1:])
