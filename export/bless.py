"""The gate before an export is served: quality and infrastructure, each judged by itself."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from emo_tf.errors import EmoError
from emo_tf.export.checks import Check, all_passed
from emo_tf.export.folder import BLESSING, FORMAT_VERSION, REPORT, digest
from emo_tf.export.infrastructure import InfrastructureLimits, judge_infrastructure
from emo_tf.export.measured import read_measured
from emo_tf.export.quality import QualityLimits, judge_quality
from emo_tf.export.served_root import report_folder
from emo_tf.files import replace_whole


@dataclass(frozen=True)
class Blessing:
    """What `bless` found.

    Attributes:
        export_sha256: Digest of the export that was judged.
        baseline: `path` of what it was compared with and `sha256` of its report, or `None`.
        quality: Whether the export is good enough.
        infrastructure: Whether it works.
    """

    export_sha256: str
    baseline: Mapping[str, str] | None
    quality: tuple[Check, ...]
    infrastructure: tuple[Check, ...]

    @property
    def parts(self) -> dict[str, tuple[Check, ...]]:
        """The checks by part."""
        return {"quality": self.quality, "infrastructure": self.infrastructure}

    @property
    def blessed(self) -> bool:
        """Whether both parts are."""
        return all(map(all_passed, self.parts.values()))

    @property
    def reasons(self) -> list[str]:
        """Why it is not blessed, a sentence a failed check."""
        return [
            f"{part}: {check.reason}"
            for part, checks in self.parts.items()
            for check in checks
            if check.passed is False
        ]

    def to_dict(self) -> dict:
        """Returns what `blessing.json` holds."""
        parts = {
            part: {
                "blessed": all_passed(checks),
                "checks": [check.to_dict() for check in checks],
            }
            for part, checks in self.parts.items()
        }
        return {
            "format": FORMAT_VERSION,
            "blessed": self.blessed,
            "export_sha256": self.export_sha256,
            "baseline": self.baseline,
            **parts,
            "reasons": self.reasons,
        }


def bless(
    export: Path,
    *,
    baseline: Path | None = None,
    quality: QualityLimits | None = None,
    infrastructure: InfrastructureLimits | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Blessing:
    """Judges an export and writes `blessing.json` into it, blessed or not.

    Args:
        export: Folder that `emo-tf export` wrote.
        baseline: What it is compared with: an export, a served version or a served model.
        quality: What its figures must reach.
        infrastructure: What it must stand.
        say: Called with the name of each file before it is loaded.

    Returns:
        What was found.

    Raises:
        EmoError: A folder is no export or has a damaged report, there is nothing to judge by, or
            the export changed meanwhile.
    """
    export = Path(export)
    measured = read_measured(export)
    before = digest(export)
    reference = None if baseline is None else report_folder(baseline)
    of_quality = judge_quality(
        measured,
        quality or QualityLimits(),
        baseline=None if reference is None else read_measured(reference),
    )
    of_infrastructure = judge_infrastructure(
        measured, infrastructure or InfrastructureLimits(), say=say
    )
    if digest(export) != before:
        raise EmoError(
            f"{export}: expected an export at rest. Received: one that changed meanwhile"
        )
    blessing = Blessing(
        export_sha256=before,
        baseline=reference and {"path": str(baseline), "sha256": digest(reference / REPORT)},
        quality=tuple(of_quality),
        infrastructure=tuple(of_infrastructure),
    )
    with replace_whole(export / BLESSING) as temporary:
        text = json.dumps(blessing.to_dict(), indent=1, allow_nan=False)
        temporary.write_text(text + "\n", encoding="utf-8")
    return blessing
