package io.fundamentallm;

import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.model.Spec;
import io.fundamentallm.text.ChatNotation;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatSegment;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.ToolChoice;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A prompt as a template lays it out.
 *
 * @param segments what the model reads
 * @param notation how it writes calls
 * @param thinks whether it may write its thinking
 * @param thinking whether the last words of the template begin it
 */
record ChatRendering(
    List<ChatSegment> segments, ChatNotation notation, boolean thinks, boolean thinking) {

  static ChatRendering of(ChatTemplate template, ChatPrompt prompt) {
    List<ChatSegment> segments = template.segments(prompt, true);
    ChatNotation notation = prompt.notation().orElseGet(template::notation);
    boolean thinks = template.thinks();
    return new ChatRendering(
        segments,
        notation,
        thinks,
        thinks && endsWithin(segments, ChatSyntax.named(notation.id())));
  }

  /** Whether what the template wrote after the last message opens thinking and leaves it open. */
  private static boolean endsWithin(List<ChatSegment> segments, ChatSyntax syntax) {
    if (segments.isEmpty() || segments.get(segments.size() - 1).fromMessage()) {
      return false;
    }
    String last = segments.get(segments.size() - 1).text();
    int open = last.lastIndexOf(syntax.thinkingOpen());
    return open >= 0 && open > last.lastIndexOf(syntax.thinkingClose());
  }

  /** Whether an answer may not be just anything. */
  static boolean needsConstraint(ChatPrompt prompt) {
    return !prompt.tools().isEmpty()
        || prompt.thinkingBudget().isPresent()
        || prompt.answerSchema().isPresent();
  }

  /** The spec of the constraint that the answer needs; empty if it may be anything. */
  Optional<String> constraint(ChatPrompt prompt) {
    return needsConstraint(prompt) ? Optional.of(spec(values(prompt))) : Optional.empty();
  }

  /**
   * The spec of the constraint that holds an answer's text, and what the answer needs besides.
   *
   * @param text a constraint of the text, with the texts of its files
   */
  String constraint(ChatPrompt prompt, Spec.Stage text) {
    Map<String, @Nullable Object> values = values(prompt);
    values.put("text", Map.of("name", text.name(), "options", text.options()));
    return spec(values);
  }

  private static String spec(Map<String, @Nullable Object> values) {
    return "chat-answer=" + Spec.quoted(JsonWriter.compact(values));
  }

  private Map<String, @Nullable Object> values(ChatPrompt prompt) {
    Map<String, @Nullable Object> values = new LinkedHashMap<>();
    values.put("notation", notation.id());
    values.put("thinking", thinking(prompt));
    prompt.thinkingBudget().ifPresent(tokens -> values.put("thinking_budget", tokens));
    List<Object> tools = new ArrayList<>();
    for (ChatTool tool : prompt.tools()) {
      Map<String, @Nullable Object> described = new LinkedHashMap<>();
      described.put("name", tool.name());
      described.put("parameters", tool.schema());
      tools.add(described);
    }
    values.put("tools", tools);
    values.put("tool_choice", choice(prompt.toolChoice()));
    values.put("parallel_tool_calls", prompt.parallelToolCalls());
    prompt.answerSchema().ifPresent(schema -> values.put("schema", Json.object(schema)));
    return values;
  }

  private String thinking(ChatPrompt prompt) {
    if (thinking) {
      return "begun";
    }
    return !thinks ? "none" : prompt.thinkingBudget().orElse(-1) == 0 ? "off" : "allowed";
  }

  private static Object choice(ToolChoice choice) {
    return switch (choice.mode()) {
      case NONE -> "none";
      case AUTO -> "auto";
      case REQUIRED -> choice.tool().isEmpty() ? "required" : Map.of("name", choice.tool());
    };
  }
}
