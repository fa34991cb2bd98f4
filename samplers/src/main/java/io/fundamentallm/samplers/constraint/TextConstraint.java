package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.automaton.CompiledConstraint;
import io.fundamentallm.samplers.constraint.grammar.TextGrammar;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.List;
import java.util.Optional;

/** A constraint that describes the whole text, or that of a chat's answer. */
abstract class TextConstraint implements SamplerProvider {
  /** The one of this name. */
  static Optional<TextConstraint> named(String name) {
    return List.of(
            new ChoiceConstraint(),
            new GrammarConstraint(),
            new JsonConstraint(),
            new JsonObjectConstraint(),
            new JsonSchemaConstraint(),
            new RegexConstraint())
        .stream()
        .filter(constraint -> constraint.name().equals(name))
        .findFirst();
  }

  /** What the options describe. */
  abstract TextGrammar grammar(Options options);

  @Override
  public final SamplerStage create(Options options) {
    TextGrammar text = grammar(options);
    return Refusals.named(options, () -> CompiledConstraint.stage(name(), text));
  }
}
