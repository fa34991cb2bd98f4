package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.internal.chat.ArgumentTypes;
import io.fundamentallm.internal.json.JsonPointer;
import io.fundamentallm.samplers.constraint.automaton.Program;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.GrammarCheck;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import io.fundamentallm.samplers.constraint.regex.CodePointAlphabet;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Turns a JSON Schema into a {@link Grammar}, as {@link
 * io.fundamentallm.samplers.constraint.JsonSchemaConstraint} documents it.
 */
public final class SchemaCompiler {
  /** The most schemas to compile, including those that merging makes. */
  private static final int SCHEMAS = 20_000;

  /** Long parts are counted twice: on their own, and in the rule that contains them. */
  private static final long EXPRESSIONS = 2L * Limits.EXPRESSIONS;

  final JsonNotation json;

  /** The characters of strings that have a pattern or a format. */
  final CodePointAlphabet strings;

  /** Pairs of states of all strings whose keywords are combined. */
  int pairs;

  private final Schema document;
  private final SchemaMerge merge = new SchemaMerge(this);
  private int schemas;
  private int names;
  private int nesting;
  private long expressions;

  /** Of arguments that are texts without quotes. */
  private @Nullable SchemaCompiler texts;

  /** Begins the names of its rules, if others share them. */
  private final String prefix;

  private SchemaCompiler(Schema document, JsonNotation json, String prefix) {
    this.document = document;
    this.json = json;
    this.prefix = prefix;
    strings = new CodePointAlphabet(json.style::canonical);
  }

  /**
   * The documents that a schema allows.
   *
   * @param json bounded, and without further rules; it receives those of the grammar
   */
  public static Grammar compile(String schema, JsonNotation json) {
    Schema document = new Schema(JsonValues.read(schema), "#");
    json.rules.put("root", new SchemaCompiler(document, json, "").expression(document, 0));
    return new Grammar(json.rules, "root");
  }

  /**
   * The documents that a schema allows, for a grammar of several.
   *
   * @param schema as {@link JsonValues#read} gives it
   * @param json receives the rules that the result needs
   * @param name where the schema is, for errors, and so that no rule has the name of another's
   * @throws IllegalArgumentException if no document is valid, or the schema is not supported
   */
  public static Expression compile(Object schema, JsonNotation json, String name) {
    Schema document = new Schema(schema, "#");
    try {
      Expression root = new SchemaCompiler(document, json, name + " ").expression(document, 0);
      if (!GrammarCheck.canEnd(root, json.rules)) {
        throw new IllegalArgumentException("no document is valid");
      }
      return root;
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  /** Whether what is being compiled is not within an object or array. */
  boolean isRoot() {
    return nesting == 0;
  }

  /** Which arguments of the document are texts. */
  ArgumentTypes argumentTypes() {
    return ArgumentTypes.of(document.value());
  }

  /** A schema for what two of them allow. */
  Schema both(Schema one, Schema other) {
    return merge.of(one, other, 0);
  }

  /** The texts that a schema for texts allows, in their own style. */
  Expression text(Schema schema, int depth, TextStyle style) {
    if (texts == null) {
      texts = new SchemaCompiler(document, json.in(style), prefix + "text ");
    }
    merge.copyTo(texts.merge, schema);
    return texts.within(schema, depth);
  }

  /** The texts of all valid values within an object or array. */
  Expression within(Schema schema, int depth) {
    nesting++;
    try {
      return expression(schema, depth);
    } finally {
      nesting--;
    }
  }

  /** The texts of all valid values. */
  Expression expression(Schema schema, int depth) {
    if (depth > Limits.NESTING) {
      throw Limits.exceeded(schema.path(), Limits.NESTING, "schemas within each other");
    }
    if (++schemas > SCHEMAS) {
      throw Limits.exceeded("the schema", SCHEMAS, "schemas once combined");
    }
    Interruption.check();
    schema.refuseUnsupported();
    if (schema.isFalse()) {
      return new Expression.Never(schema.path() + ": false allows no value");
    } else if (schema.has("$ref")) {
      Schema rest = schema.without("$ref");
      return rest.constrains()
          ? expression(merge.of(target(schema), rest, depth), depth + 1)
          : reference(schema, depth);
    } else if (schema.has("allOf")) {
      return expression(merge.all(schema, depth), depth + 1);
    } else if (schema.has("anyOf") || schema.has("oneOf")) {
      String keyword = schema.has("anyOf") ? "anyOf" : "oneOf";
      Schema rest = schema.without(keyword);
      List<Expression> branches = new ArrayList<>();
      if (schema.schemas(keyword).isEmpty()) {
        throw schema.error("no value fits " + keyword + ": []");
      }
      for (Schema branch : schema.schemas(keyword)) {
        Schema both = rest.constrains() ? merge.of(rest, branch, depth) : branch;
        branches.add(expression(both, depth + 1));
      }
      return Expression.anyOf(branches);
    } else if (schema.has("enum") || schema.has("const")) {
      return values(schema, depth);
    }
    return schema.constrains() ? typed(schema, depth) : json.value();
  }

  private Expression typed(Schema schema, int depth) {
    List<Expression> kinds = new ArrayList<>();
    for (String type : schema.types()) {
      kinds.add(
          switch (type) {
            case "object" ->
                rule(schema.path(), () -> new SchemaObjects(this, schema, depth).expression());
            case "array" ->
                rule(schema.path(), () -> new SchemaArrays(this, schema, depth).expression());
            case "string" -> charge(SchemaStrings.expression(this, schema));
            case "number", "integer" -> charge(SchemaNumbers.expression(this, schema, type));
            case "boolean" ->
                Expression.words(List.of(json.style.word("true"), json.style.word("false")));
            default -> Expression.text(json.style.word("null"));
          });
    }
    return kinds.isEmpty()
        ? never(schema, "no value fits " + schema.written(Set.of("type")))
        : Expression.anyOf(kinds);
  }

  /**
   * The result for a schema whose keywords contradict each other. If they are written that way, it
   * is a mistake, wherever it is; if schemas were combined, it is one alternative less.
   *
   * @throws IllegalArgumentException with the place and the contradiction, if it was written
   */
  Expression never(Schema schema, String contradiction) {
    if (!merge.isMerged(schema)) {
      throw schema.error(contradiction);
    }
    return new Expression.Never(
        schema.path() + ": " + contradiction + ", once schemas are combined");
  }

  /** The values that a schema lists and that satisfy its other keywords. */
  private Expression values(Schema schema, int depth) {
    Schema rest = merge.like(schema, schema.without("enum", "const"));
    List<Object> values = new ArrayList<>();
    if (schema.has("enum")) {
      if (!(schema.get("enum") instanceof List<?> list)) {
        throw schema.bad("enum", "an array");
      }
      values.addAll(list);
    }
    Object constant = schema.get("const");
    if (constant != null) {
      if (!schema.has("enum") || values.contains(constant)) {
        values = List.of(constant);
      } else {
        values = List.of();
      }
    }
    List<String> types = rest.has("type") ? rest.types() : List.of();
    boolean typedOnly = !rest.without("type").constrains();
    Map<Set<Object>, Program> compiled = new HashMap<>();
    Set<String> scalars = new LinkedHashSet<>();
    Set<Object> others = new LinkedHashSet<>();
    List<Expression> texts = new ArrayList<>();
    for (Object value : values) {
      Interruption.check();
      boolean ofType =
          types.isEmpty() || types.stream().anyMatch(type -> JsonValues.isOfType(value, type));
      if (!ofType || (!typedOnly && !isValid(rest, value, depth, compiled))) {
        continue;
      }
      if (value instanceof Map<?, ?> && isRoot() && !json.style.isJson()) {
        throw schema.error("values that are listed are not supported in the model's notation");
      } else if (value instanceof Map<?, ?> || value instanceof List<?>) {
        texts.add(JsonValues.literal(value, json));
      } else if (json.style.isJson()) {
        scalars.add(JsonValues.scalar(value));
      } else {
        others.add(value);
      }
    }
    if (!scalars.isEmpty()) {
      texts.add(Expression.words(scalars));
    }
    others.forEach(value -> texts.add(JsonValues.scalar(value, json)));
    return texts.isEmpty()
        ? never(schema, "no value fits " + schema.written(Schema.ALL))
        : Expression.anyOf(texts);
  }

  /**
   * Whether a value is valid.
   *
   * @param compiled the result of compiling the keywords that apply to some values
   */
  private boolean isValid(
      Schema rest, Object value, int depth, Map<Set<Object>, Program> compiled) {
    if (value instanceof Map<?, ?> || value instanceof List<?>) {
      throw rest.error("\"enum\" of objects or arrays beside other keywords is not supported");
    }
    // keywords do not affect values of types other than their own
    Map<Object, Object> applying = new LinkedHashMap<>(rest.keywords());
    applying
        .keySet()
        .removeIf(
            key ->
                (Schema.OBJECT.contains(key) || Schema.ARRAY.contains(key))
                    || (Schema.STRING.contains(key) && !(value instanceof String))
                    || (Schema.NUMBER.contains(key) && !(value instanceof BigDecimal)));
    try {
      Program valid = compiled.get(applying.keySet());
      if (valid == null) {
        Schema applied = merge.like(rest, new Schema(applying, rest.path()));
        SchemaCompiler judge =
            json.style.isJson()
                ? this
                : new SchemaCompiler(document, new JsonNotation(1, true), prefix);
        Expression texts = judge.expression(applied, depth + 1);
        if (texts instanceof Expression.Never) {
          return false;
        }
        valid = Program.compile(Grammar.of(texts, judge.json.rules));
        compiled.put(Set.copyOf(applying.keySet()), valid);
      }
      return valid.accepts(JsonValues.scalar(value));
    } catch (IllegalArgumentException e) {
      throw rest.error("\"enum\" cannot be combined with its other keywords: " + e.getMessage());
    }
  }

  /**
   * Counts what is put into the grammar.
   *
   * @throws IllegalArgumentException if all of it is too much
   */
  Expression charge(Expression expression) {
    expressions += Expression.size(expression, EXPRESSIONS);
    if (expressions > EXPRESSIONS) {
      throw Limits.exceeded("the schema", Limits.EXPRESSIONS, "expressions once compiled");
    }
    return expression;
  }

  /** A name that no other rule has. */
  String name(String what) {
    return prefix + what + " " + names++;
  }

  /** A separate rule for something that may be large. */
  Expression rule(String name, Supplier<Expression> body) {
    String unique = name(name);
    json.rules.put(unique, Expression.NEVER);
    json.rules.put(unique, charge(body.get()));
    return new Expression.Rule(unique);
  }

  /** The schema that a reference means, compiled once. */
  private Expression reference(Schema schema, int depth) {
    Schema target = target(schema);
    // no path of a schema begins like this
    String name = prefix + (isRoot() ? "$ref at the root " : "$ref ") + schema.string("$ref");
    if (!json.rules.containsKey(name)) {
      json.rules.put(name, Expression.NEVER); // known before it is compiled: it may recur
      json.rules.put(name, charge(expression(target, depth + 1)));
    }
    return new Expression.Rule(name);
  }

  /** What {@code $ref} points at. */
  Schema target(Schema schema) {
    String reference = schema.string("$ref");
    if (reference == null || !reference.startsWith("#")) {
      throw schema.bad("$ref", "a reference within the document, such as #/$defs/name");
    }
    if (!reference.equals("#") && !reference.startsWith("#/")) {
      throw schema.bad("$ref", "# or a path that begins with #/ (anchors are not supported)");
    }
    Object target;
    try {
      target = JsonPointer.target(document.value(), reference);
    } catch (IllegalArgumentException e) {
      throw schema.bad(
          "$ref", "a path with two hexadecimal digits behind each % (% itself is %25)");
    }
    if (target == null) {
      throw schema.error("$ref \"" + reference + "\" points at nothing");
    }
    return new Schema(target, reference);
  }
}
