package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.internal.chat.ChatSyntax;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.samplers.constraint.schema.JsonValues;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an answer may consist of.
 *
 * @param syntax how the model writes thinking and calls
 * @param thinking whether it may think
 * @param budget the most tokens of thinking; negative for no limit
 * @param tools the schema of each tool's arguments, by name
 * @param choice whether tools are called
 * @param parallel whether more than one call is allowed
 * @param schema the text's; null for none
 * @param text what else describes the text, where there are no tools; null for none
 */
record AnswerSpec(
    ChatSyntax syntax,
    Thinking thinking,
    int budget,
    Map<String, Object> tools,
    Choice choice,
    boolean parallel,
    @Nullable Object schema,
    @Nullable TextGrammar text) {

  /** What the answer may do with the markers of thinking. */
  enum Thinking {
    /** They are text like any other. */
    NONE,
    /** It may not begin to think. */
    OFF,
    /** It may think. */
    ALLOWED,
    /** It thinks from the beginning. */
    BEGUN
  }

  /** Whether tools are called. */
  enum Choice {
    NONE,
    AUTO,
    REQUIRED
  }

  private static final Set<String> KEYS =
      Set.of(
          "notation",
          "thinking",
          "thinking_budget",
          "tools",
          "tool_choice",
          "parallel_tool_calls",
          "schema",
          "text");

  /** Keywords that describe objects, themselves or by other schemas. */
  private static final List<String> DESCRIBING =
      List.of(
          "properties",
          "required",
          "additionalProperties",
          "minProperties",
          "maxProperties",
          "$ref",
          "anyOf",
          "oneOf",
          "allOf",
          "enum",
          "const");

  /** How calls are written whose values are JSON, as a text with a schema is. */
  private static final Set<ChatSyntax.Values> BESIDE_JSON =
      Set.of(ChatSyntax.Values.JSON, ChatSyntax.Values.TAGGED);

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,64}");
  private static final BigDecimal MAX_BUDGET = BigDecimal.valueOf(Integer.MAX_VALUE);

  /** Whether thinking may begin. */
  boolean mayThink() {
    return thinking == Thinking.ALLOWED || (thinking == Thinking.BEGUN && budget != 0);
  }

  /** Whether the text is not just any. */
  boolean isHeld() {
    return schema != null || text != null;
  }

  /** Whether the text is JSON, in which names are looked for. */
  boolean isJson() {
    return schema != null || (text != null && text.freeNames());
  }

  /**
   * Reads the JSON object that {@link io.fundamentallm.samplers.constraint.ChatAnswerConstraint}
   * describes.
   *
   * @param texts the grammar of a constraint of the text, by its name and options
   * @throws IllegalArgumentException that says what is wrong with it
   */
  static AnswerSpec read(String json, BiFunction<String, Map<String, String>, TextGrammar> texts) {
    if (!(JsonValues.read(json) instanceof Map<?, ?> values)) {
      throw new IllegalArgumentException("expected a JSON object with the keys " + KEYS);
    }
    for (Object key : values.keySet()) {
      if (!KEYS.contains(key)) {
        throw new IllegalArgumentException("unknown key \"" + key + "\"; there are " + KEYS);
      }
    }
    Map<String, Object> tools = tools(values.get("tools"));
    Choice choice = Choice.AUTO;
    if (values.get("tool_choice") instanceof Map<?, ?> named) {
      choice = Choice.REQUIRED;
      String name = String.valueOf(named.get("name"));
      Object schema = tools.get(name);
      if (schema == null) {
        throw new IllegalArgumentException("tool_choice names \"" + name + "\", which is no tool");
      }
      tools = Map.of(name, schema);
    } else if (values.containsKey("tool_choice")) {
      choice =
          switch (String.valueOf(values.get("tool_choice"))) {
            case "none" -> Choice.NONE;
            case "auto" -> Choice.AUTO;
            case "required" -> Choice.REQUIRED;
            default ->
                throw new IllegalArgumentException(
                    "tool_choice must be none, auto, required or an object with the key name");
          };
    }
    if (choice == Choice.REQUIRED && tools.isEmpty()) {
      throw new IllegalArgumentException("a tool is required, and there is none");
    }
    ChatSyntax syntax = ChatSyntax.named(String.valueOf(values.get("notation")));
    Object schema = values.get("schema");
    if (choice == Choice.REQUIRED) {
      schema = null; // there is no text
    } else if (choice == Choice.NONE && schema != null) {
      tools = Map.of(); // a document has no call in it
    }
    if (schema != null
        && !tools.isEmpty()
        && (syntax.onlyFirst() || !BESIDE_JSON.contains(syntax.call().values()))) {
      throw new IllegalArgumentException(
          "a schema for the text beside tools needs a notation that has marks around calls and"
              + " writes values in JSON; "
              + values.get("notation")
              + " is none");
    }
    TextGrammar text = text(values.get("text"), texts);
    if (text != null && (schema != null || !tools.isEmpty())) {
      throw new IllegalArgumentException("text goes beside neither tools nor a schema");
    }
    return new AnswerSpec(
        syntax,
        thinking(values.get("thinking")),
        budget(values.get("thinking_budget")),
        tools,
        tools.isEmpty() ? Choice.NONE : choice,
        !Boolean.FALSE.equals(values.get("parallel_tool_calls")),
        schema,
        text);
  }

  private static @Nullable TextGrammar text(
      @Nullable Object value, BiFunction<String, Map<String, String>, TextGrammar> texts) {
    if (value == null) {
      return null;
    }
    if (!(value instanceof Map<?, ?> constraint)
        || !(constraint.get("name") instanceof String name)
        || !(constraint.get("options") instanceof Map<?, ?> options)) {
      throw new IllegalArgumentException("text must be an object with a name and options");
    }
    Map<String, String> texted = new LinkedHashMap<>();
    options.forEach((option, text) -> texted.put(String.valueOf(option), String.valueOf(text)));
    return texts.apply(name, texted);
  }

  private static Thinking thinking(@Nullable Object value) {
    return switch (value == null ? "none" : value.toString()) {
      case "none" -> Thinking.NONE;
      case "off" -> Thinking.OFF;
      case "allowed" -> Thinking.ALLOWED;
      case "begun" -> Thinking.BEGUN;
      default -> throw new IllegalArgumentException("thinking must be none, off, allowed or begun");
    };
  }

  private static int budget(@Nullable Object value) {
    if (value == null) {
      return -1;
    }
    if (!(value instanceof BigDecimal number) || number.signum() < 0 || number.scale() > 0) {
      throw new IllegalArgumentException(
          "thinking_budget must be a whole number of at least 0, but is " + value);
    }
    return number.min(MAX_BUDGET).intValue();
  }

  private static Map<String, Object> tools(@Nullable Object value) {
    Map<String, Object> tools = new LinkedHashMap<>();
    for (Object item : value instanceof List<?> list ? list : List.of()) {
      if (!(item instanceof Map<?, ?> tool)
          || !(tool.get("name") instanceof String name)
          || !NAME.matcher(name).matches()) {
        throw new IllegalArgumentException(
            "each of the tools needs a name of 1 to 64 letters, digits, '_', '-' and '.'");
      }
      Object parameters = tool.get("parameters");
      if (tools.put(name, arguments(parameters == null ? Map.of() : parameters)) != null) {
        throw new IllegalArgumentException("two tools have the name \"" + name + "\"");
      }
    }
    return tools;
  }

  /** A schema for objects: one that describes no properties is for a tool without arguments. */
  private static Object arguments(Object schema) {
    if (!(schema instanceof Map<?, ?> written)) {
      return schema;
    }
    Map<Object, Object> keywords = new LinkedHashMap<>(written);
    keywords.putIfAbsent("type", "object");
    if (DESCRIBING.stream().noneMatch(keywords::containsKey)) {
      keywords.put("properties", Map.of());
    }
    return keywords;
  }
}
