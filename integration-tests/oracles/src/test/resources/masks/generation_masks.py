"""Which words are the assistant's, by Python's jinja2 alone: writes generation_masks.json beside this file.

The reference is plain: templates are rendered as Hugging Face's apply_chat_template sets jinja2 up, and
  - where a template marks them, with the extension that transformers' return_assistant_tokens_mask uses
    ({% generation %}; spans of the text written by the blocks at the top level);
  - elsewhere, by comparing the rendering with a turn to the one before it that asks for an answer.
Templates that mark them are made here from published ones, by the replacements in MARKED.

Run with jinja2 3.1.6: python3 generation_masks.py
"""

import json
import pathlib

import jinja2
import jinja2.ext
import jinja2.sandbox

HERE = pathlib.Path(__file__).parent
SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def __init__(self, environment):
        super().__init__(environment)
        self.blocks = []
        self.spans = []

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_mark"), [], [], body).set_lineno(line)

    def _mark(self, caller):
        text = caller()
        start = len("".join(self.blocks))
        self.spans.append([start, start + len(text)])
        return text

    def trace(self, template, values):
        self.blocks, self.spans = [], []
        for block in template.generate(**values):
            self.blocks.append(block)
        return "".join(self.blocks), self.spans


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols])

    def refuse(message):
        raise jinja2.exceptions.TemplateError(message)

    made.filters["tojson"] = lambda x, indent=None, **_: json.dumps(x, ensure_ascii=False, indent=indent)
    made.globals["raise_exception"] = refuse
    return made


def turn(role, content, thinking=None):
    message = {"role": role, "content": content}
    if thinking:
        message["reasoning_content"] = thinking
        message["thinking"] = thinking
    return message


CONVERSATIONS = {
    "plain": [turn("user", "Is it cold in <Oslo>?"), turn("assistant", "It is.")],
    "system": [turn("system", "Be brief."), turn("user", "Hello & goodbye"), turn("assistant", "Bye!")],
    "several": [
        turn("system", "Be brief."), turn("user", "1 + 1?"), turn("assistant", "2, I think.\n\nOr so."),
        turn("user", "Sure?"), turn("assistant", "Yes 🙂"), turn("user", "Thanks"), turn("assistant", "Bye")],
    "thinking": [
        turn("user", "1 + 1?"), turn("assistant", "2", "One and one."),
        turn("user", "And 2 + 2?"), turn("assistant", "4", "Two and two.")],
}

QWEN = (
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>' + '\\n' }}",
    "{{- '<|im_start|>' + message.role + '\\n' }}{%- if message.role == 'assistant' %}{%- generation %}"
    "{{- message.content + '<|im_end|>' }}{%- endgeneration %}{%- else %}{{- message.content + '<|im_end|>' }}"
    "{%- endif %}{{- '\\n' }}")
MARKED = {
    "Qwen-Qwen2.5-7B-Instruct": [QWEN],
    "MiMo-VL": [QWEN],
    "mistralai-Mistral-Nemo-Instruct-2407": [(
        "{{- message[\"content\"] + eos_token}}",
        "{%- generation %}{{- message[\"content\"] + eos_token}}{%- endgeneration %}")],
    "HuggingFaceTB-SmolLM3-3B": [
        ("{{ \"<|im_start|>assistant\\n\" + content.lstrip(\"\\n\") + \"<|im_end|>\\n\" }}",
         "{{ \"<|im_start|>assistant\\n\" }}{% generation %}{{ content.lstrip(\"\\n\") + \"<|im_end|>\" }}"
         "{% endgeneration %}{{ \"\\n\" }}"),
        ("{{ \"<|im_start|>assistant\\n\" + \"<think>\\n\\n</think>\\n\" + content.lstrip(\"\\n\") + \"<|im_end|>\\n\" }}",
         "{{ \"<|im_start|>assistant\\n\" + \"<think>\\n\\n</think>\\n\" }}{% generation %}"
         "{{ content.lstrip(\"\\n\") + \"<|im_end|>\" }}{% endgeneration %}{{ \"\\n\" }}")],
    "unsloth-mistral-Devstral-Small-2507": [(
        "    {%- elif message['role'] == 'assistant' %}\n", "    {%- elif message['role'] == 'assistant' %}{%- generation %}\n"),
        ("{{- eos_token }}\n", "{{- eos_token }}{%- endgeneration %}\n")],
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B": [(
        "{{'<｜Assistant｜>' + content + '<｜end▁of▁sentence｜>'}}",
        "{{'<｜Assistant｜>'}}{% generation %}{{ content + '<｜end▁of▁sentence｜>'}}{% endgeneration %}")],
}


class Rendering:
    def __init__(self, source):
        self.environment = environment()
        self.template = self.environment.from_string(source)
        self.tracker = self.environment.extensions[Generation.identifier]

    def values(self, messages, asking):
        return {**SPECIAL, "messages": messages, "tools": None, "documents": None, "add_generation_prompt": asking}

    def text(self, messages, asking):
        return self.template.render(**self.values(messages, asking))

    def marked(self, messages):
        text, spans = self.tracker.trace(self.template, self.values(messages, False))
        return [[text, spans]]

    def compared(self, messages):
        examples = [[self.text(messages, False), []]]
        for i in reversed([i for i, message in enumerate(messages) if message["role"] == "assistant"]):
            after = self.text(messages[: i + 1], False)
            asking = self.text(messages[:i], True)
            start = 0
            while start < min(len(after), len(asking)) and after[start] == asking[start]:
                start += 1
            if start < len(self.text(messages[:i], False).rstrip()):  # the question changed once it was answered
                start = after.rindex(messages[i]["content"])
            whole = after if after.endswith(messages[i]["content"].strip() + "\n") else after.rstrip()
            host = next((e for e in examples if e[0].startswith(whole)), None)
            if host is None:
                host = [after, []]
                examples.append(host)
            host[1].append([start, len(whole)])
        return [[text, sorted(spans)] for text, spans in reversed(examples) if spans]


def cases(source, marked):
    for name, messages in CONVERSATIONS.items():
        try:
            rendering = Rendering(source)
            found = rendering.marked(messages) if marked else rendering.compared(messages)
        except jinja2.exceptions.TemplateError:
            continue
        yield {
            "conversation": name,
            "examples": [
                {"length": len(text), "spans": spans, "words": [text[a:b] for a, b in spans]} for text, spans in found],
        }


def main():
    written = []
    for file in sorted((HERE.parent / "templates").glob("*.jinja")):
        source = file.read_text(encoding="utf-8")
        if "strftime_now" in source:
            continue  # which day it is does not belong into a file
        written.append({"template": file.stem, "replacements": [], "cases": list(cases(source, False))})
        replacements = MARKED.get(file.stem, [])
        if replacements:
            for old, new in replacements:
                assert source.count(old) >= 1, (file, old)
                source = source.replace(old, new)
            written.append({
                "template": file.stem,
                "replacements": [list(pair) for pair in replacements],
                "cases": list(cases(source, True))})
    out = {"jinja2": jinja2.__version__, "conversations": CONVERSATIONS, "templates": written}
    text = json.dumps(out, ensure_ascii=False, indent=0)
    (HERE / "generation_masks.json").write_text(text + "\n", encoding="utf-8")
    for one in written:
        print(one["template"], "marked" if one["replacements"] else "compared",
              [(c["conversation"], [e["words"] for e in c["examples"]]) for c in one["cases"]])


main()
