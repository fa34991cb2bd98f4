package io.fundamentallm.tokenizers.chat;

import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.text.ChatNotation;

/** Recognises the notation that a template shows to its model, by the markers in its source. */
final class TemplateNotation {
  private TemplateNotation() {}

  static ChatNotation of(String template) {
    if (template.contains("｜DSML｜") && template.contains("function_calls")) {
      return ChatNotation.DEEPSEEK_V32;
    } else if (template.contains("<|tool_call_start|>")) {
      return ChatNotation.LFM2;
    } else if (template.contains("<|channel|>") && template.contains("functions")) {
      return ChatNotation.HARMONY;
    } else if (template.contains("<|tool_call>")) {
      return ChatNotation.GEMMA;
    } else if (template.contains("<start_function_call>")) {
      return ChatNotation.FUNCTION_GEMMA;
    } else if (template.contains("<|START_ACTION|>")) {
      return ChatNotation.COMMAND_R7B;
    } else if (template.contains("Action:") && template.contains("\"tool_name\"")) {
      return ChatNotation.COMMAND_R;
    } else if (template.contains("[TOOL_CALLS]")) {
      return template.contains("[ARGS]") ? ChatNotation.MISTRAL_ARGS : ChatNotation.MISTRAL;
    } else if (template.contains("<｜tool▁call▁begin｜>")) {
      return template.contains("```json") ? ChatNotation.DEEPSEEK : ChatNotation.DEEPSEEK_V31;
    } else if (template.contains("<|/tool_call|>")) {
      return ChatNotation.PHI_4;
    } else if (template.contains("<function=") && template.contains("<parameter=")) {
      return ChatNotation.QWEN3_CODER;
    } else if (template.contains("<arg_key>") && template.contains("<arg_value>")) {
      return ChatNotation.GLM;
    } else if (template.contains("<tool_call>")) {
      return ChatNotation.HERMES;
    } else if (template.contains("<|python_start|>")
        || template.contains("[func_name1(params_name1=params_value1")) {
      return ChatNotation.PYTHONIC;
    } else if (template.contains("<|start_header_id|>") && template.contains("\"parameters\": ")) {
      return ChatNotation.LLAMA_JSON;
    }
    return ChatNotation.GENERIC;
  }

  /** Whether the template reads or writes the markers of thinking. */
  static boolean thinks(String template) {
    ChatSyntax syntax = ChatSyntax.named(of(template).id());
    return template.contains(syntax.thinkingOpen()) || template.contains(syntax.thinkingClose());
  }
}
