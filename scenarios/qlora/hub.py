"""The Hugging Face hub: asked once and shortly, so that a missing network or name is told at once."""

from typing import Literal

from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import GatedRepoError, HfHubHTTPError, HFValidationError, RepositoryNotFoundError

from tui_lab.lab.errors import BadInput

_PATIENCE = 10.0
"""Seconds."""


def found_on_hub(name: str, kind: Literal["model", "dataset"]) -> str:
    """The id itself if the hub has it, or the folder where an earlier download lies if the hub cannot be reached.
    Raises BadInput if there is neither."""
    try:
        HfApi().repo_info(name, repo_type=kind, timeout=_PATIENCE)
    except HFValidationError:
        raise BadInput(f"There is no folder or file '{name}', and no {kind} on the hub can have that name.") from None
    except GatedRepoError:
        raise BadInput(
            f"The {kind} {name} is gated: ask for access on its page and log in with `hf auth login`."
        ) from None
    except RepositoryNotFoundError:
        raise BadInput(f"There is no folder or file '{name}', and no {kind} of that name on the hub.") from None
    except HfHubHTTPError as error:
        return _downloaded(name, kind, f"the hub answers {error.response.status_code}")
    except Exception as error:  # noqa: BLE001 - whichever network library the hub's own uses
        return _downloaded(name, kind, f"the hub cannot be reached ({error})")
    return name


def _downloaded(name: str, kind: Literal["model", "dataset"], why: str) -> str:
    try:
        return snapshot_download(name, repo_type=kind, local_files_only=True)
    except (OSError, ValueError):
        raise BadInput(f"There is no folder or file '{name}' here, and {why}.") from None
