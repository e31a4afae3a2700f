"""What all tests share: the outside tools, hypothesis's settings, and the option that rewrites golden files.

A tool that is missing skips the tests that need it and says why; in CI it fails them, so that green means tested.
"""

import os
import shutil
import sys
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

from generator.checks import Tools, find_tools
from generator.problems import Stop
from tests import browser

ROOT = Path(__file__).resolve().parent.parent
IN_CI = os.environ.get("CI", "").lower() == "true"

# Waiting for kustomize is no fault of an example, so none has a deadline. In CI the examples are the same each time: a
# pull request goes red for what it changed. On a laptop they are new each time, and a failure is remembered.
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.register_profile("laptop", deadline=None)
settings.load_profile("ci" if IN_CI else "laptop")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the golden trees, and fail all the same")


@pytest.fixture(scope="session")
def kubectl() -> Path:
    """kubectl, whose `kustomize` is the version that Argo CD uses."""
    return _program("kubectl")


@pytest.fixture(scope="session")
def kubeconform() -> Path:
    return _program("kubeconform")


@pytest.fixture(scope="session")
def actionlint() -> Path:
    return _program("actionlint")


@pytest.fixture(scope="session")
def tools() -> Tools:
    try:
        return find_tools(ROOT)
    except Stop as stop:
        _missing(str(stop))


@pytest.fixture(scope="session")
def chromium() -> Path:
    """The system's Chromium, which Playwright drives."""
    found = next(filter(None, map(shutil.which, browser.PROGRAMS)), None)
    if found is None:
        _missing("there is no Chromium on the PATH; on Debian and Ubuntu: apt-get install chromium")
    return Path(found)


@pytest.fixture(scope="session")
def crd_schemas() -> Path:
    """The folder of the custom resources' schemas; the public catalog is out of reach for a test."""
    folder = os.environ.get("KUSTODIAN_CRD_SCHEMAS")
    if not folder:
        _missing("KUSTODIAN_CRD_SCHEMAS names no folder of schemas for the custom resources")
    return Path(folder).resolve(strict=True)


def _program(name: str) -> Path:
    places = (str(ROOT / ".tools"), str(Path(sys.executable).parent), None)
    found = next(filter(None, (shutil.which(name, path=place) for place in places)), None)
    if found is None:
        _missing(f"{name} is neither in .tools nor on the PATH; run 'make tools'")
    return Path(found).absolute()


def _missing(reason: str) -> NoReturn:
    if IN_CI:
        pytest.fail(f"{reason} (in CI nothing is skipped)")
    pytest.skip(reason)
