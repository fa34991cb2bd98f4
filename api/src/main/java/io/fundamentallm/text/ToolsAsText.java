package io.fundamentallm.text;

import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A prompt's tools, their calls and results, in plain words: for templates that know none. */
final class ToolsAsText {
  private static final String BEFORE =
      "You can call tools. They are described by these JSON objects:\n";

  private static final String AFTER =
      "\nTo call a tool, write a JSON object with its name and arguments between these marks, one"
          + " for each call:\n"
          + "<tool_call>\n{\"name\": \"the tool's name\", \"arguments\": {}}\n</tool_call>";

  private ToolsAsText() {}

  static List<ChatMessage> messages(ChatPrompt prompt) {
    List<ChatMessage> turns = new ArrayList<>();
    StringBuilder results = new StringBuilder();
    for (ChatMessage message : prompt.messages()) {
      if (message.role().equals("tool")) {
        results.append(results.isEmpty() ? "" : "\n").append(result(message));
        continue;
      }
      addResults(results, turns);
      String content = message.toolCalls().isEmpty() ? message.content() : withCalls(message);
      turns.add(new ChatMessage(message.role(), content).withThinking(message.thinking()));
    }
    addResults(results, turns);
    if (!prompt.tools().isEmpty()) {
      addTools(prompt.tools(), turns);
    }
    return List.copyOf(turns);
  }

  private static String result(ChatMessage message) {
    return "<tool_response>\n" + message.content() + "\n</tool_response>";
  }

  /** As one turn, however many calls were in the last one: many templates want an alternation. */
  private static void addResults(StringBuilder results, List<ChatMessage> turns) {
    if (!results.isEmpty()) {
      turns.add(ChatMessage.user(results.toString()));
      results.setLength(0);
    }
  }

  private static String withCalls(ChatMessage message) {
    StringBuilder text = new StringBuilder(message.content());
    for (ChatToolCall call : message.toolCalls()) {
      text.append(text.isEmpty() ? "" : "\n")
          .append("<tool_call>\n{\"name\": \"")
          .append(call.name())
          .append("\", \"arguments\": ")
          .append(call.arguments())
          .append("}\n</tool_call>");
    }
    return text.toString();
  }

  private static void addTools(List<ChatTool> tools, List<ChatMessage> turns) {
    StringBuilder text = new StringBuilder(BEFORE);
    for (ChatTool tool : tools) {
      Map<String, @Nullable Object> described = new LinkedHashMap<>();
      described.put("name", tool.name());
      described.put("description", tool.description());
      described.put("parameters", Json.object(tool.parameters()));
      text.append(JsonWriter.compact(described)).append('\n');
    }
    text.append(AFTER);
    if (!turns.isEmpty() && turns.get(0).role().equals("system")) {
      turns.set(0, ChatMessage.system(turns.get(0).content() + "\n\n" + text));
    } else {
      turns.add(0, ChatMessage.system(text.toString()));
    }
  }
}
