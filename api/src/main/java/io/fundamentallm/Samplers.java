package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds samplers by name. A spec lists stages that run in the written order; the last may be a
 * choice, and without one the chain ends in {@code draw}. {@link Spec} describes the grammar.
 * Thread-safe.
 *
 * <p>Always available: {@code greedy} (the best token; of equal ones the lowest id), {@code draw}
 * (from the softmax of the scores) and {@code keep-best} (if later stages filter every token, the
 * one that is best at this point stays; without it that is an error). The artifact {@code
 * fundamentallm-samplers} adds {@code temperature}, {@code top-k}, {@code top-p} and more.
 *
 * @apiNote For example:
 *     <pre>{@code
 * Recipe<Sampler> sampler = Samplers.parse("temperature=0.8,top-k=40,top-p=0.95");
 * String text = generator.with(options -> options.sampler(sampler)).generate("It is a truth");
 * }</pre>
 */
public final class Samplers {
  private Samplers() {}

  /** Takes the best token; of equal ones, the one with the lowest id. */
  public static Recipe<Sampler> greedy() {
    return new SamplerRecipe(
        "greedy", List.of(), List.of(SamplerStage.choice(binding -> Sampler.greedy())));
  }

  /** Draws from the model's distribution as it is. */
  public static Recipe<Sampler> draw() {
    return new SamplerRecipe("draw", List.of(), List.of());
  }

  /**
   * Parses a spec such as {@code temperature=0.8,top-p=0.95}, with the parts found on the class or
   * module path. For a spec that a user wrote, catch both exceptions; their messages are for
   * people.
   *
   * @throws IllegalArgumentException for a malformed spec, an unknown or repeated option, a choice
   *     that is not last, or a value out of range
   * @throws ProviderException when a name is not found; lists those that were
   */
  public static Recipe<Sampler> parse(String spec) {
    return parse(spec, Registry.standard());
  }

  /**
   * Parses a spec such as {@code temperature=0.8,top-k=50,top-p=0.95}.
   *
   * @throws IllegalArgumentException for a malformed spec, an unknown or repeated option, a value
   *     out of range, or a choice that is not last
   * @throws ProviderException when a name is not found or ambiguous
   * @throws java.util.concurrent.CancellationException where the thread is interrupted while a
   *     constraint is compiled; it stays interrupted
   */
  public static Recipe<Sampler> parse(String spec, Registry registry) {
    requireSome(spec, "the sampler is empty; write a stage, such as greedy");
    List<SamplerStage> stages = new ArrayList<>();
    List<Spec.Stage> parsed = new ArrayList<>(Spec.parse(spec).stages());
    parsed.replaceAll(registry::read);
    for (int i = 0; i < parsed.size(); i++) {
      SamplerStage stage =
          registry.create(SamplerProvider.class, parsed.get(i), SamplerProvider::create);
      if (chooses(stage) && i < parsed.size() - 1) {
        throw new IllegalArgumentException(
            "stage \""
                + parsed.get(i).name()
                + "\" chooses the token, so it must be last; it is followed by \""
                + parsed.get(i + 1).name()
                + "\" in: "
                + spec);
      }
      addTo(stages, parsed.get(i).name(), stage);
    }
    return new SamplerRecipe(spec, List.copyOf(parsed), List.copyOf(stages));
  }

  /**
   * Parses the spec of a constraint as {@link #constraint(String, Registry)} does, with the parts
   * found on the class or module path.
   *
   * @throws IllegalArgumentException for a malformed spec, a stage that is not a constraint, or a
   *     value that cannot be followed
   * @throws ProviderException when the name is not found; lists those that were
   */
  public static Recipe<TokenConstraint> constraint(String spec) {
    return constraint(spec, Registry.standard());
  }

  /**
   * Parses the spec of a constraint, such as {@code json-schema=@person.schema.json}; see {@link
   * Spec} for the notation. The recipe can be kept and reused: its generations share what they
   * learn about the vocabulary.
   *
   * @throws IllegalArgumentException for a malformed spec, more than one stage, a stage that is not
   *     a constraint, an unknown option or a value that cannot be followed
   * @throws ProviderException when the name is not found or ambiguous
   * @throws java.util.concurrent.CancellationException where the thread is interrupted while the
   *     constraint is compiled; it stays interrupted
   */
  public static Recipe<TokenConstraint> constraint(String spec, Registry registry) {
    return ConstraintRecipe.parse(spec, registry);
  }

  /** Refuses a spec of nothing, for which the grammar's own words say too little. */
  static void requireSome(String spec, String message) {
    if (requireNonNull(spec, "spec").isBlank()) {
      throw new IllegalArgumentException(message);
    }
  }

  private static boolean chooses(SamplerStage stage) {
    if (stage instanceof SamplerStage.Named named) {
      return chooses(named.stage());
    } else if (stage instanceof SamplerStage.Chain chain) {
      List<SamplerStage> stages = chain.stages();
      return !stages.isEmpty() && chooses(stages.get(stages.size() - 1));
    }
    return stage instanceof SamplerStage.Choosing;
  }

  /** Nested chains are flattened; a stage without a name is called by the spec's name. */
  private static void addTo(List<SamplerStage> stages, String name, SamplerStage stage) {
    if (stage instanceof SamplerStage.Chain chain) {
      chain.stages().forEach(inner -> addTo(stages, name, inner));
    } else if (stage instanceof SamplerStage.Named named) {
      addTo(stages, named.name(), named.stage());
    } else {
      stages.add(SamplerStage.named(name, stage));
    }
  }

  /**
   * The sampler named by the system property {@code fundamentallm.sampler}, else by the environment
   * variable {@code FUNDAMENTALLM_SAMPLER}, else {@link #draw()}. Fails as {@link #parse(String)}
   * does where one of them is set, and where a misspelt property is.
   */
  public static Recipe<Sampler> configured() {
    return configured(Registry.standard());
  }

  /** As {@link #configured()}, with the parts of this registry. */
  public static Recipe<Sampler> configured(Registry registry) {
    return Configuration.get("sampler")
        .map(set -> set.use(() -> parse(set.spec(), registry)))
        .orElseGet(Samplers::draw);
  }
}
