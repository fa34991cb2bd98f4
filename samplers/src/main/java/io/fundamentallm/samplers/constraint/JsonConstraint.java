package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.automaton.CompiledConstraint;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import io.fundamentallm.samplers.constraint.schema.JsonNotation;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code json}: the text is a JSON document (RFC 8259), of any type; {@link JsonObjectConstraint}
 * is for objects. Options:
 *
 * <ul>
 *   <li>{@code max-depth}: the most arrays and objects within each other, 0 to 500; without it any
 *       number.
 *   <li>{@code max-whitespace}: the most characters of white space between two parts of the
 *       document, 0 to 1000; default 1, so that a model that likes white space comes to its end. 20
 *       are enough for documents in lines with indentation, as llama.cpp's grammars allow. None
 *       stands before or behind the document.
 * </ul>
 *
 * <p>No object has a name twice, however it is escaped. Where a token would complete one again, it
 * is not allowed; the name can go on instead.
 *
 * <p>Escaped surrogates come in pairs only. {@link RegexConstraint} tells what holds for all
 * constraints.
 */
public final class JsonConstraint implements SamplerProvider {
  /** Of 100 answers of a small model that may write 20, 22 ran out of tokens within them. */
  static final int SPACES = 1;

  static final int MOST_SPACES = 1000;

  static final String DEPTH = "max-depth";

  /** Used by {@link java.util.ServiceLoader}, or to give this stage to a registry by hand. */
  public JsonConstraint() {}

  @Override
  public String name() {
    return "json";
  }

  @Override
  public SamplerStage create(Options options) {
    JsonNotation json = notation(options);
    json.rules.put(
        "root",
        options.has(DEPTH) ? json.value(options.integer(DEPTH, 0, Limits.NESTING)) : json.value());
    return CompiledConstraint.json(name(), new Grammar(json.rules, "root"));
  }

  /** The notation with as much white space as the options say. */
  static JsonNotation notation(Options options) {
    return new JsonNotation(options.integer("max-whitespace", SPACES, 0, MOST_SPACES), false);
  }
}
