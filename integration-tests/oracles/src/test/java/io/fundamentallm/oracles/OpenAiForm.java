package io.fundamentallm.oracles;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A prompt as OpenAI's clients and {@code apply_chat_template} write it, in one of their ways. */
record OpenAiForm(boolean argumentsAsText, boolean contentAsText) {
  static final List<OpenAiForm> ALL =
      List.of(
          new OpenAiForm(false, false),
          new OpenAiForm(true, false),
          new OpenAiForm(false, true),
          new OpenAiForm(true, true));

  Map<String, Object> values(ChatPrompt prompt) {
    Map<String, Object> values = new LinkedHashMap<>();
    List<Object> messages = new ArrayList<>();
    prompt.messages().forEach(message -> messages.add(message(message)));
    values.put("messages", messages);
    if (!prompt.tools().isEmpty()) {
      List<Object> tools = new ArrayList<>();
      prompt.tools().forEach(tool -> tools.add(tool(tool)));
      values.put("tools", tools);
    } else {
      values.put("tools", null);
    }
    values.put("documents", null);
    values.put("add_generation_prompt", true);
    values.putAll(prompt.templateArguments());
    return values;
  }

  private Map<String, Object> message(ChatMessage message) {
    Map<String, Object> value = new LinkedHashMap<>();
    value.put("role", message.role());
    boolean empty = message.content().isEmpty() && !message.toolCalls().isEmpty();
    value.put("content", empty && !contentAsText ? null : message.content());
    if (!message.thinking().isEmpty()) {
      value.put("reasoning_content", message.thinking());
      value.put("thinking", message.thinking());
    }
    if (!message.toolCalls().isEmpty()) {
      List<Object> calls = new ArrayList<>();
      for (ChatToolCall call : message.toolCalls()) {
        Map<String, Object> function = new LinkedHashMap<>();
        function.put("name", call.name());
        function.put(
            "arguments", argumentsAsText ? call.arguments() : Json.object(call.arguments()));
        Map<String, Object> described = new LinkedHashMap<>();
        described.put("id", call.id());
        described.put("type", "function");
        described.put("function", function);
        calls.add(described);
      }
      value.put("tool_calls", calls);
    }
    if (message.role().equals("tool")) {
      value.put("tool_call_id", message.toolCallId());
      value.put("name", message.toolName());
    }
    return value;
  }

  private static Map<String, Object> tool(ChatTool tool) {
    Map<String, Object> function = new LinkedHashMap<>();
    function.put("name", tool.name());
    function.put("description", tool.description());
    function.put("parameters", tool.schema());
    Map<String, Object> described = new LinkedHashMap<>();
    described.put("type", "function");
    described.put("function", function);
    return described;
  }
}
