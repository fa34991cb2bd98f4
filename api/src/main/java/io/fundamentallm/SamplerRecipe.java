package io.fundamentallm;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;

/**
 * The sampler that a spec names; see {@link Samplers#parse}.
 *
 * @param written the spec's stages, with the texts of their files
 * @param stages what they stand for, in the order they run
 */
record SamplerRecipe(String spec, List<Spec.Stage> written, List<SamplerStage> stages)
    implements Recipe<Sampler> {

  /**
   * The same options, with the constraint that is a stage of the sampler as their own constraint. A
   * sampler with several constraints stays as it is, and so does one beside another constraint.
   *
   * @param needed the spec of a constraint that is no other, since it follows from the prompt
   */
  static DecodingOptions constraintApart(DecodingOptions options, String needed) {
    boolean hasOther =
        options.constraint().filter(own -> !own.toString().equals(needed)).isPresent();
    if (hasOther || !(options.sampler() instanceof SamplerRecipe sampler)) {
      return options;
    }
    List<SamplerStage> others = new ArrayList<>(sampler.stages);
    List<ConstraintRecipe> constraints = new ArrayList<>();
    for (SamplerStage stage : sampler.stages) {
      if (stage instanceof SamplerStage.Named named
          && named.stage() instanceof SamplerStage.Constraining constraining) {
        others.remove(stage);
        sampler.written.stream()
            .filter(written -> written.name().equals(named.name()))
            .map(written -> new ConstraintRecipe(written.name(), written, constraining.bind()))
            .forEach(constraints::add);
      }
    }
    return constraints.size() != 1
        ? options
        : options.toBuilder()
            .sampler(new SamplerRecipe(sampler.spec, sampler.written, List.copyOf(others)))
            .constraint(constraints.get(0))
            .build();
  }

  @Override
  public Sampler bind(Binding binding) {
    return SamplerChain.bind(stages, binding);
  }

  @Override
  public String toString() {
    return spec;
  }
}
