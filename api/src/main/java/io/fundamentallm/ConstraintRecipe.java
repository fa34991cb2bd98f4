package io.fundamentallm;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.function.Function;

/** The constraint that a spec names; see {@link Samplers#constraint}. */
record ConstraintRecipe(String spec, Function<Binding, TokenConstraint> bind)
    implements Recipe<TokenConstraint> {

  static ConstraintRecipe parse(String spec, Registry registry) {
    Spec.Stage named = Spec.single(spec);
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
    return new ConstraintRecipe(spec, constraining.bind());
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
