"""How the API pages read the package: without what is told twice, and with all that is its own."""

import re

from griffe import Extension, GriffeLoader, Module, Object

SECTIONS = {"Example": "Examples:", "Call arguments": "Other args: Call arguments:"}


class PackageReader(Extension):
    """Hangs `export/` where `setup.cfg` installs it and fits the package to griffe's notions."""

    def on_package(self, *, pkg: Module, loader: GriffeLoader, **_) -> None:
        """Adds the package `export` to `emo_tf`."""
        if pkg.path == "emo_tf":
            pkg.set_member("export", loader.load("export"))

    def on_module(self, *, mod: Module, **_) -> None:
        """Shows a name where it is defined, and not again in the package that passes it on."""
        mod.exports = None

    def on_object(self, *, obj: Object, **_) -> None:
        """Renames sections that griffe knows by another name."""
        if obj.docstring is not None:
            for ours, theirs in SECTIONS.items():
                text = re.sub(f"^{ours}:$", theirs, obj.docstring.value, flags=re.MULTILINE)
                obj.docstring.value = text
