package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.samplers.constraint.schema.JsonNotation;
import io.fundamentallm.spi.Options;

/**
 * {@code json}: the text is a JSON document (RFC 8259), of any type; {@link JsonObjectConstraint}
 * is for objects. Options:
 *
 * <ul>
 *   <li>{@code max-depth}: how deep arrays and objects may nest, 0 to 500; no limit by default.
 *   <li>{@code max-whitespace}: the most characters of white space between two parts of the
 *       document, 0 to 1000; default 1, so that a model that likes white space reaches the end. 20
 *       are enough for indented documents, as llama.cpp's grammars allow. There is none before or
 *       after the document.
 * </ul>
 *
 * <p>No object has a name twice, however it is escaped. A token that would complete a name again is
 * not allowed; the name can continue instead.
 *
 * <p>Exponents of numbers have up to three digits: readers refuse far larger ones. Escaped
 * surrogates come in pairs only. {@link RegexConstraint} has the rules for all constraints.
 */
public final class JsonConstraint extends TextConstraint {
  /** When a small model was allowed 20, 22 of 100 answers ran out of tokens within white space. */
  static final int SPACES = 1;

  static final int MAX_SPACES = 1000;

  static final String DEPTH = "max-depth";

  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public JsonConstraint() {}

  @Override
  public String name() {
    return "json";
  }

  @Override
  TextGrammar grammar(Options options) {
    JsonNotation json = notation(options);
    json.rules.put(
        "root",
        options.has(DEPTH) ? json.value(options.integer(DEPTH, 0, Limits.NESTING)) : json.value());
    return new TextGrammar(new Grammar(json.rules, "root"), true);
  }

  /** The notation with as much white space as the options allow. */
  static JsonNotation notation(Options options) {
    return new JsonNotation(options.integer("max-whitespace", SPACES, 0, MAX_SPACES), false);
  }
}
