package io.fundamentallm;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.Set;
import java.util.function.Function;

/**
 * The constraint that a spec names; see {@link Samplers#constraint}.
 *
 * @param written the spec's stage, with the texts of its files
 */
record ConstraintRecipe(String spec, Spec.Stage written, Function<Binding, TokenConstraint> bind)
    implements Recipe<TokenConstraint> {
  /** Those that {@code chat-answer} knows as its {@code text}. */
  private static final Set<String> TEXTS =
      Set.of("choice", "grammar", "json", "json-object", "json-schema", "regex");

  static ConstraintRecipe parse(String spec, Registry registry) {
    Spec.Stage named = registry.read(Spec.single(spec));
    SamplerStage stage = registry.create(SamplerProvider.class, named, SamplerProvider::create);
    while (stage instanceof SamplerStage.Named inner) {
      stage = inner.stage();
    }
    if (!(stage instanceof SamplerStage.Constraining constraining)) {
      throw new IllegalArgumentException(
          "stage \""
              + named.name()
              + "\" is no constraint, as json-schema and regex are; it belongs in a sampler");
    }
    return new ConstraintRecipe(spec, named, constraining.bind());
  }

  /** Whether it can hold for a chat's text alone, which comes after what is thought. */
  boolean isOfText() {
    return TEXTS.contains(written.name());
  }

  @Override
  public TokenConstraint bind(Binding binding) {
    try {
      return bind.apply(binding);
    } catch (LinkageError e) {
      throw Registry.unlinked("the constraint " + spec, e);
    }
  }

  @Override
  public String toString() {
    return spec;
  }
}
