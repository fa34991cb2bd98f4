package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.internal.chat.ArgumentTypes.Kind;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.GrammarCheck;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The arguments of a call between tags: each is a text as it is, or JSON. */
final class SchemaArguments {
  private static final String TEXT = "string";

  /** How Python writes the values that JSON has words for. */
  private static final List<Map.Entry<String, Object>> PYTHONS =
      List.of(
          Map.entry("True", true),
          Map.entry("False", false),
          Map.entry("None", JsonValues.Null.NULL));

  private static final List<String> TYPES =
      List.of("null", "boolean", "object", "array", "number", TEXT);

  /** Keywords that say which types there are in other ways than {@code type}. */
  private static final Set<String> COMBINING =
      Set.of("$ref", "anyOf", "oneOf", "allOf", "enum", "const");

  private final SchemaCompiler compiler;
  private final TaggedStyle tags;
  private final int depth;

  SchemaArguments(SchemaCompiler compiler, TaggedStyle tags, int depth) {
    this.compiler = compiler;
    this.tags = tags;
    this.depth = depth;
  }

  /**
   * An argument and its tags.
   *
   * @param property its name; empty for any that the schema does not name
   * @param name as it is written
   */
  Expression argument(String property, Expression name, Schema schema) {
    if (tags.tags().sayWhatIsText()) {
      return either(name, schema);
    }
    return compiler.argumentTypes().kind(property) == Kind.JSON
        ? json(name, schema)
        : text(name, schema);
  }

  /** A text as such, and anything else as such. */
  private Expression either(Expression name, Schema schema) {
    boolean open = !schema.constrains() || schema.hasAny(COMBINING);
    List<String> others = new ArrayList<>(open ? TYPES : schema.types());
    List<Expression> alternatives = new ArrayList<>();
    if (others.remove(TEXT)) {
      alternatives.add(text(name, others.isEmpty() ? schema : restricted(schema, List.of(TEXT))));
    }
    if (!others.isEmpty()) {
      alternatives.add(json(name, alternatives.isEmpty() ? schema : restricted(schema, others)));
    }
    return Expression.anyOf(alternatives);
  }

  private Schema restricted(Schema schema, List<String> types) {
    return compiler.both(schema, new Schema(Map.of("type", List.copyOf(types)), schema.path()));
  }

  private Expression text(Expression name, Schema schema) {
    return tags.text(name, compiler.text(schema, depth + 1, tags.texts()));
  }

  private Expression json(Expression name, Schema schema) {
    List<Expression> values = new ArrayList<>();
    values.add(compiler.within(schema, depth + 1));
    if (tags.hasPythonsWords()) {
      for (Map.Entry<String, Object> word : PYTHONS) {
        Schema one = new Schema(Map.of("enum", List.of(word.getValue())), schema.path());
        Expression json = compiler.within(compiler.both(schema, one), depth + 1);
        if (GrammarCheck.canEnd(json, compiler.json.rules)) {
          values.add(Expression.text(word.getKey()));
        }
      }
    }
    return tags.json(name, compiler.json.space(), Expression.anyOf(values));
  }
}
