from pathlib import Path

import pytest

from tests.context_exports import ContextExport, export_quickly, small_run
from tests.small_context import small_context_fusion


@pytest.fixture(scope="session")
def context_export(tmp_path_factory, emotic_twin: Path) -> ContextExport:
    """All files of a model that takes a scene, a body and the box; on EMOTIC's twin. Read only."""
    folder = tmp_path_factory.mktemp("context_export")
    model = small_context_fusion(blank_person=True)
    run = small_run(folder / "run", model, data_dir=emotic_twin)
    report = export_quickly(run, folder / "export")
    return ContextExport(run, emotic_twin, folder / "export", report)
