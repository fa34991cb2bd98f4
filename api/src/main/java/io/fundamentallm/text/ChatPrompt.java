package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.internal.json.Json;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A conversation to be answered, with the tools that the answer may call and what else shapes it.
 * Immutable and thread-safe.
 *
 * @apiNote For example:
 *     <pre>{@code
 * ChatPrompt prompt =
 *     ChatPrompt.builder(List.of(ChatMessage.user("Is it cold in Oslo?")))
 *         .tools(List.of(new ChatTool("weather", "The weather of a city.",
 *             "{\"type\":\"object\",\"properties\":{\"city\":{\"type\":\"string\"}},\"required\":[\"city\"]}")))
 *         .build();
 * }</pre>
 */
public final class ChatPrompt {
  private final Builder values;

  private ChatPrompt(Builder values) {
    this.values = values;
  }

  /** A conversation without tools. */
  public static ChatPrompt of(List<ChatMessage> messages) {
    return builder(messages).build();
  }

  /** Begins a prompt with these turns. */
  public static Builder builder(List<ChatMessage> messages) {
    return new Builder(messages);
  }

  /** The same prompt, to change. */
  public Builder toBuilder() {
    return new Builder(values);
  }

  /** The turns so far, oldest first. */
  public List<ChatMessage> messages() {
    return values.messages;
  }

  /** What the answer may call. Default: none. */
  public List<ChatTool> tools() {
    return values.tools;
  }

  /** Whether the answer calls tools. Default: the model decides. */
  public ToolChoice toolChoice() {
    return values.toolChoice;
  }

  /** Whether the answer may call more than one tool. Default: true. */
  public boolean parallelToolCalls() {
    return values.parallelToolCalls;
  }

  /**
   * Further variables of the template, such as {@code enable_thinking}, {@code reasoning_effort} or
   * {@code documents}. Texts in them count as text from messages.
   */
  public Map<String, @Nullable Object> templateArguments() {
    return values.templateArguments;
  }

  /**
   * The most tokens of thinking, markers not counted; 0 for no thinking at all. Default: no limit.
   */
  public OptionalInt thinkingBudget() {
    return values.thinkingBudget;
  }

  /**
   * A JSON Schema that the answer's text must be valid under; tools may be called beside it, if the
   * notation has marks around calls and their values in JSON. With others, an answer that has both
   * is refused.
   */
  public Optional<String> answerSchema() {
    return Optional.ofNullable(values.answerSchema);
  }

  /** How the model writes calls and thinking. Default: as its template shows. */
  public Optional<ChatNotation> notation() {
    return Optional.ofNullable(values.notation);
  }

  /**
   * The same prompt for a template that knows no tools: they are described in the system message,
   * and their calls and results are words of the assistant and the user. Results behind one another
   * are one turn.
   */
  public ChatPrompt withToolsAsText() {
    Builder plain = new Builder(values);
    plain.messages = ToolsAsText.messages(this);
    plain.tools = List.of();
    plain.toolChoice = ToolChoice.auto();
    return new ChatPrompt(plain);
  }

  /** Collects what is optional. One thread at a time. */
  public static final class Builder {
    private List<ChatMessage> messages;
    private List<ChatTool> tools = List.of();
    private ToolChoice toolChoice = ToolChoice.auto();
    private boolean parallelToolCalls = true;
    private Map<String, @Nullable Object> templateArguments = Map.of();
    private OptionalInt thinkingBudget = OptionalInt.empty();
    private @Nullable String answerSchema;
    private @Nullable ChatNotation notation;

    private Builder(List<ChatMessage> messages) {
      this.messages = Elements.copy(messages, "messages");
    }

    private Builder(Builder other) {
      messages = other.messages;
      tools = other.tools;
      toolChoice = other.toolChoice;
      parallelToolCalls = other.parallelToolCalls;
      templateArguments = other.templateArguments;
      thinkingBudget = other.thinkingBudget;
      answerSchema = other.answerSchema;
      notation = other.notation;
    }

    /** Replaces {@link ChatPrompt#messages()}. */
    public Builder messages(List<ChatMessage> messages) {
      this.messages = Elements.copy(messages, "messages");
      return this;
    }

    /**
     * See {@link ChatPrompt#tools()}.
     *
     * @throws IllegalArgumentException if two have the same name
     */
    public Builder tools(List<ChatTool> tools) {
      Set<String> names = new HashSet<>();
      List<ChatTool> all = Elements.copy(tools, "tools");
      for (ChatTool tool : all) {
        if (!names.add(tool.name())) {
          throw new IllegalArgumentException("two tools have the name \"" + tool.name() + "\"");
        }
      }
      this.tools = all;
      return this;
    }

    /** See {@link ChatPrompt#toolChoice()}. */
    public Builder toolChoice(ToolChoice toolChoice) {
      this.toolChoice = requireNonNull(toolChoice, "toolChoice");
      return this;
    }

    /** See {@link ChatPrompt#parallelToolCalls()}. */
    public Builder parallelToolCalls(boolean parallelToolCalls) {
      this.parallelToolCalls = parallelToolCalls;
      return this;
    }

    /**
     * Adds to {@link ChatPrompt#templateArguments()}, or replaces one.
     *
     * @param value a string, boolean, number, a list or a map with strings as keys of these, or
     *     null
     * @throws IllegalArgumentException for a name that every template has anyway
     */
    public Builder templateArgument(String name, @Nullable Object value) {
      if (Set.of("messages", "tools", "add_generation_prompt").contains(name)) {
        throw new IllegalArgumentException(
            "the template's \"" + name + "\" comes from the prompt itself");
      }
      Map<String, @Nullable Object> more = new LinkedHashMap<>(templateArguments);
      more.put(requireNonNull(name, "name"), value);
      templateArguments = Collections.unmodifiableMap(more);
      return this;
    }

    /**
     * See {@link ChatPrompt#thinkingBudget()}.
     *
     * @param tokens at least 0
     */
    public Builder thinkingBudget(int tokens) {
      if (tokens < 0) {
        throw new IllegalArgumentException("the thinking budget " + tokens + " is negative");
      }
      thinkingBudget = OptionalInt.of(tokens);
      return this;
    }

    /**
     * See {@link ChatPrompt#answerSchema()}.
     *
     * @throws IllegalArgumentException if it is not a JSON object
     */
    public Builder answerSchema(String schema) {
      try {
        Json.object(requireNonNull(schema, "schema"));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "the answer's schema must be a JSON Schema, an object: " + e.getMessage(), e);
      }
      answerSchema = schema;
      return this;
    }

    /** See {@link ChatPrompt#notation()}. */
    public Builder notation(ChatNotation notation) {
      this.notation = requireNonNull(notation, "notation");
      return this;
    }

    /**
     * The finished prompt.
     *
     * @throws IllegalArgumentException if a tool is required and there is none, or none of its name
     */
    public ChatPrompt build() {
      if (toolChoice.mode() == ToolChoice.Mode.REQUIRED
          && (toolChoice.tool().isEmpty()
              ? tools.isEmpty()
              : tools.stream().noneMatch(tool -> tool.name().equals(toolChoice.tool())))) {
        throw new IllegalArgumentException(
            toolChoice.tool().isEmpty()
                ? "a tool is required, and there is none"
                : "the tool \""
                    + toolChoice.tool()
                    + "\" is required, and there is none of that name");
      }
      return new ChatPrompt(new Builder(this));
    }
  }
}
