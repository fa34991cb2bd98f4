package io.fundamentallm;

import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.TrainerProvider;
import io.fundamentallm.training.Trainer;
import java.util.List;

/**
 * Finds trainers by name. {@link Spec} describes the grammar of specs. Thread-safe.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TrainingData data = TrainingData.ofText(tokenizer, Files.readString(Path.of("novel.txt")), 0.9);
 * TrainingPlan plan = TrainingPlan.builder(Path.of("trained")).build(); // chooses a size
 * Trainers.configured().train(data, plan, TrainingListener.printing(System.out));
 * }</pre>
 */
public final class Trainers {
  private Trainers() {}

  /**
   * Parses a spec such as {@code cpu(threads=2)}, with the parts found on the class or module path.
   *
   * @throws IllegalArgumentException for a malformed spec, an unknown or repeated option, or a
   *     value out of range
   * @throws ProviderException when a name is not found; lists those that were
   */
  public static Trainer parse(String spec) {
    return parse(spec, Registry.standard());
  }

  /**
   * Parses a spec such as {@code cpu(threads=2)}.
   *
   * @throws IllegalArgumentException for a malformed spec, an unknown or repeated option, or a
   *     value out of range
   * @throws ProviderException when the name is not found or ambiguous
   */
  public static Trainer parse(String spec, Registry registry) {
    Samplers.requireSome(spec, "the trainer is empty; write one, such as cpu");
    return registry.create(TrainerProvider.class, Spec.single(spec), TrainerProvider::create);
  }

  /**
   * The trainer named by the system property {@code fundamentallm.trainer}, else by the environment
   * variable {@code FUNDAMENTALLM_TRAINER}, else the one of the highest priority. Fails as {@link
   * #parse(String)} does where one of them is set, and where a misspelt property is.
   */
  public static Trainer configured() {
    return configured(Registry.standard());
  }

  /** As {@link #configured()}, with the parts of this registry. */
  public static Trainer configured(Registry registry) {
    Configuration.Setting set = Configuration.get("trainer").orElse(null);
    if (set != null) {
      return set.use(() -> parse(set.spec(), registry));
    }
    List<TrainerProvider> all = registry.all(TrainerProvider.class);
    // if there is none at all, looking up the usual one gives the usual error
    return parse(all.isEmpty() ? "cpu" : all.get(0).name(), registry);
  }
}
