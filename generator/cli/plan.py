"""`kustodian plan`: what a merge would change, for whoever reviews it; and whether it may go through."""

import json
import sys

import click

from generator.cli.options import Project, project_options
from generator.cli.reporting import fail_if, format_option


@click.command("plan")
@project_options
@click.option("--from", "start", required=True, metavar="REF", help="The revision that is merged into, such as main.")
@click.option(
    "--to", "end", default="worktree", metavar="REF", help="The revision to merge.  [default: worktree, the files]"
)
@format_option(more=["markdown"])
@click.option(
    "--gate", is_flag=True, help="Fail where something is removed, or access widened, that nobody answers for."
)
@click.option(
    "--max-bytes",
    type=click.IntRange(min=2000),
    default=60_000,
    metavar="N",
    help="How long markdown may be.  [default: 60000]",
)
def command(project: Project, start: str, end: str, form: str, gate: bool, max_bytes: int) -> None:
    """Say what a merge would change in each environment: objects, cost, quotas, network, permissions, secrets.

    Both revisions are built where their files differ, and held against each other. If they have diverged, the result
    of merging them is judged. Nothing in the repository is touched.

    With --gate, a namespace, volume, secret store, database or agent that would go, and every access that would be
    widened, needs a line in a commit message, or an entry under `acknowledgements` in the spec. As github or sarif,
    only what the gate stops is said.

    \b
      Kustodian-Acknowledge: remove PersistentVolumeClaim/ai-agents-prod/ai-agent-models

    \b
    Examples:
      kustodian plan --from HEAD
      kustodian plan --from HEAD --gate --format markdown
    """
    from generator.cli.planning import make, problems
    from generator.review import markdown, text
    from generator.review.document import as_json

    plan, document = make(project, start, end)
    if form == "json":
        click.echo(json.dumps(as_json(plan), indent=2))
    elif form == "markdown":
        click.echo(markdown.page(plan, max_bytes), nl=False)
    elif form == "text":
        for line in text.lines(plan):
            click.echo(line)
    found = problems(plan, document) if gate else []
    sys.stdout.flush()
    if form in ("github", "sarif"):
        fail_if(found, form)
    else:
        fail_if(found)
