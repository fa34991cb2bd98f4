package io.fundamentallm.oracles;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ChatToolCall;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What people use templates for, beside plain questions. */
final class Conversations {
  private static final ChatTool WEATHER =
      new ChatTool(
          "get_weather",
          "The weather of a city, \"now\" or at a time.",
          "{\"type\": \"object\", \"properties\": {\"city\": {\"type\": \"string\", \"description\":"
              + " \"The city's name, e.g. Köln\"}, \"days\": {\"type\": \"integer\","
              + " \"description\": \"How many days ahead\"}, \"unit\": {\"type\": \"string\","
              + " \"enum\": [\"celsius\", \"fahrenheit\"], \"description\": \"The unit\"}},"
              + " \"required\": [\"city\"]}");

  private static final ChatTool ADD =
      new ChatTool(
          "add",
          "Adds numbers.",
          "{\"type\": \"object\", \"properties\": {\"numbers\": {\"type\": \"array\", \"items\":"
              + " {\"type\": \"number\"}, \"description\": \"What to add\"}}, \"required\":"
              + " [\"numbers\"]}");

  private static final ChatToolCall COLD =
      new ChatToolCall("call00001", "get_weather", "{\"city\": \"Oslo\", \"days\": 2}");
  private static final ChatToolCall SUM =
      new ChatToolCall("call00002", "add", "{\"numbers\": [1, 2.5]}");

  private static final ChatMessage SYSTEM = ChatMessage.system("Be brief.");
  private static final ChatMessage QUESTION = ChatMessage.user("Is it cold in <Oslo>? & 'why'");

  static final Map<String, ChatPrompt> ALL = new LinkedHashMap<>();
  static final Set<String> WITH_TOOLS = Set.of("tools", "result", "two results", "answered");

  static {
    ALL.put("plain", ChatPrompt.of(List.of(SYSTEM, QUESTION)));
    ALL.put("tools", withTools(SYSTEM, QUESTION));
    ALL.put(
        "result",
        withTools(
            SYSTEM,
            QUESTION,
            ChatMessage.assistant("", List.of(COLD)),
            ChatMessage.tool(COLD, "{\"celsius\": -3}")));
    ALL.put(
        "two results",
        withTools(
            QUESTION,
            ChatMessage.assistant("", List.of(COLD, SUM)),
            ChatMessage.tool(COLD, "-3 °C"),
            ChatMessage.tool(SUM, "3.5")));
    ALL.put(
        "answered",
        withTools(
            SYSTEM,
            QUESTION,
            ChatMessage.assistant("", List.of(COLD)),
            ChatMessage.tool(COLD, "-3 °C"),
            ChatMessage.assistant("It is."),
            ChatMessage.user("And 1 + 2.5?"),
            ChatMessage.assistant("", List.of(SUM)),
            ChatMessage.tool(SUM, "3.5")));
    ALL.put(
        "thinking",
        withTools(
            QUESTION,
            ChatMessage.assistant("", List.of(COLD)).withThinking("I must look it up."),
            ChatMessage.tool(COLD, "-3 °C"),
            ChatMessage.assistant("It is.").withThinking("That is cold."),
            ChatMessage.user("Why?")));
    for (boolean on : new boolean[] {true, false}) {
      ALL.put(
          "enable_thinking " + on,
          ChatPrompt.builder(List.of(SYSTEM, QUESTION))
              .templateArgument("enable_thinking", on)
              .templateArgument("thinking", on)
              .templateArgument("reasoning_effort", "low")
              .build());
    }
    ALL.put(
        "documents",
        ChatPrompt.builder(List.of(QUESTION))
            .templateArgument(
                "documents", List.of(Map.of("title", "Oslo"), Map.of("text", "A \"cold\" city.")))
            .build());
  }

  private Conversations() {}

  private static ChatPrompt withTools(ChatMessage... messages) {
    return ChatPrompt.builder(List.of(messages)).tools(List.of(WEATHER, ADD)).build();
  }
}
