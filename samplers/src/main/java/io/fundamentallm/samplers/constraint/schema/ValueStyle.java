package io.fundamentallm.samplers.constraint.schema;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import org.jspecify.annotations.Nullable;

/**
 * How the values of a schema are written: JSON, or what some models write arguments in. The object
 * around all of it, the root, may be written differently from those within.
 */
interface ValueStyle {
  /** Whether all of it is JSON. */
  default boolean isJson() {
    return false;
  }

  /** Whether an object is JSON. Only there may it have several members of names that are free. */
  default boolean isJson(boolean root) {
    return isJson();
  }

  /** One character of a string in any notation. */
  Expression character();

  /** One character of a string's value, in the way it is usually written. */
  Expression canonical(ImmutableRangeSet<Integer> set);

  /** Any string, with its quotes: a rule of the grammar. */
  default Expression anyString() {
    return new Expression.Rule("string");
  }

  /** Any string that is not empty, with its quotes. */
  default Expression notEmptyString() {
    return string(Expression.repeat(character(), 1, Expression.UNLIMITED));
  }

  /** The tags around the members of an object; null if it has colons and commas. */
  default @Nullable TaggedStyle tags(boolean root) {
    return null;
  }

  /** A string of this content, with its quotes. */
  Expression string(Expression content);

  /** This string, with its quotes. */
  Expression text(String value);

  /** The characters that names in JSON, which may be chosen, do without. */
  default ImmutableRangeSet<Integer> escaped() {
    return JsonCharacters.ESCAPED;
  }

  /** A name that is known. */
  Expression name(String name, boolean root);

  /** A name that may be chosen, for objects that are no JSON and have one member. */
  Expression freeName(boolean root);

  /** What is between name and value; the white space around it is left out. */
  default String colon(boolean root) {
    return ":";
  }

  /** Begins an object. */
  default String open(boolean root) {
    return "{";
  }

  /** Ends an object. */
  default String close(boolean root) {
    return "}";
  }

  /** {@code true}, {@code false} or {@code null}. */
  default String word(String json) {
    return json;
  }
}
