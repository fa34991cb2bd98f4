package io.fundamentallm.samplers.constraint;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code json}: the text is a JSON document (RFC 8259), of any type. Options:
 *
 * <ul>
 *   <li>{@code max-depth}: the most arrays and objects within each other, 0 to 500; without it any
 *       number.
 *   <li>{@code max-whitespace}: the most characters of white space between two parts of the
 *       document, 0 to 1000; default 20, so that a model that likes white space comes to its end.
 *       None stands before or behind the document.
 * </ul>
 *
 * <p>Escaped surrogates come in pairs only. {@link RegexConstraint} tells what holds for all
 * constraints.
 */
public final class JsonConstraint implements SamplerProvider {
  /** As much as llama.cpp's grammars allow for the indentation of a line. */
  static final int SPACES = 20;

  static final int MOST_SPACES = 1000;

  /** Used by {@link java.util.ServiceLoader}, or to give this stage to a registry by hand. */
  public JsonConstraint() {}

  @Override
  public String name() {
    return "json";
  }

  @Override
  public SamplerStage create(Options options) {
    int spaces = options.integer("max-whitespace", SPACES, 0, MOST_SPACES);
    int depth = options.integer("max-depth", -1, -1, Limits.NESTING);
    if (depth < 0 && options.has("max-depth")) {
      throw options.bad("max-depth", "-1", "a whole number in [0, " + Limits.NESTING + "]");
    }
    JsonNotation json = new JsonNotation(spaces, false);
    json.rules.put("root", depth < 0 ? json.value() : json.value(depth));
    return CompiledConstraint.stage(name(), new Grammar(json.rules, "root"));
  }
}
