"""Chat templates as transformers renders them: the reference of the template interpreter."""

import json

import jinja2
from transformers.utils import chat_template_utils


def render(template, context, add_generation_prompt=True):
    """Returns {"text": ...} or {"error": kind, "message": ...}.

    The kinds: raised (the template called raise_exception), syntax (it does not compile),
    undefined, security, other.
    """
    context = json.loads(json.dumps(context))
    add_generation_prompt = context.pop("add_generation_prompt", add_generation_prompt)
    tools = context.pop("tools", None)
    documents = context.pop("documents", None)
    try:
        if "messages" not in context:
            compiled = chat_template_utils._compile_jinja_template(template)
            text = compiled.render(
                tools=tools,
                documents=documents,
                add_generation_prompt=add_generation_prompt,
                **context,
            )
        else:
            rendered, _ = chat_template_utils.render_jinja_template(
                conversations=[context.pop("messages")],
                tools=tools,
                documents=documents,
                chat_template=template,
                add_generation_prompt=add_generation_prompt,
                **context,
            )
            text = rendered[0]
        text.encode()
        return {"text": text}
    except Exception as error:  # templates raise anything
        return {"error": kind_of(error), "message": str(error)}


def kind_of(error):
    if isinstance(error, (jinja2.TemplateSyntaxError, SyntaxError)):
        return "syntax"
    if isinstance(error, jinja2.UndefinedError):
        return "undefined"
    if isinstance(error, jinja2.exceptions.SecurityError):
        return "security"
    if type(error) is jinja2.TemplateError:
        return "raised"
    return "other"
