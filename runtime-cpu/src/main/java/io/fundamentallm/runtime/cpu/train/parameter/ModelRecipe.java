package io.fundamentallm.runtime.cpu.train.parameter;

import io.fundamentallm.spi.Options;
import io.fundamentallm.training.TrainingPlan;
import java.util.List;
import java.util.Map;

/**
 * The model that a plan's architecture names: {@code
 * gpt2(layers=4,heads=4,hidden-size=128,inner-size=4·C,positions=learned)}, whose positions may
 * also be {@code sinusoidal} (Vaswani et al. 2017), or {@code
 * llama(layers=4,heads=4,key-value-heads=H,hidden-size=128,inner-size=8/3·C,tied=true)}. The last
 * is also what {@code auto} names where nothing was chosen, as in local training.
 *
 * @param config its shape
 * @param sinusoidal whether the positions are a fixed table, which is not trained
 */
public record ModelRecipe(TrainableConfig config, boolean sinusoidal) {
  private static final Options NONE = Options.of("architecture", "llama", Map.of());

  /**
   * Resolves a plan's architecture.
   *
   * @throws IllegalArgumentException for an unknown name or option, or sizes that do not fit
   */
  public static ModelRecipe of(TrainingPlan plan, int vocabularySize) {
    int length = plan.contextLength();
    return Recipe.resolve(
        "architecture",
        plan.architecture(),
        Map.of(
            TrainingPlan.AUTO,
            options -> llama(options, vocabularySize, length),
            "gpt2",
            options -> gpt2(options, vocabularySize, length),
            "llama",
            options -> llama(options, vocabularySize, length)));
  }

  private static ModelRecipe gpt2(Options options, int vocabularySize, int length) {
    int c = size(options, "hidden-size", 128);
    int heads = divisor(options, "heads", 4, "hidden-size", c);
    String positions = options.choice("positions", "learned", List.of("learned", "sinusoidal"));
    TrainableConfig config =
        TrainableConfig.gpt2(
            new TrainableConfig.Sizes(
                vocabularySize,
                length,
                c,
                size(options, "layers", 4),
                heads,
                heads,
                size(options, "inner-size", 4 * c)),
            TrainableConfig.DEFAULT_EPSILON);
    return new ModelRecipe(config, positions.equals("sinusoidal"));
  }

  private static ModelRecipe llama(Options options, int vocabularySize, int length) {
    int c = size(options, "hidden-size", 128);
    int heads = divisor(options, "heads", 4, "hidden-size", c);
    TrainableConfig config =
        TrainableConfig.llama(
            vocabularySize,
            length,
            c,
            size(options, "layers", 4),
            heads,
            divisor(options, "key-value-heads", heads, "heads", heads),
            // three matrices with about as many weights as the two of 4·C
            size(options, "inner-size", (8 * c / 3 + 31) / 32 * 32),
            options.flag("tied", true));
    return new ModelRecipe(config, false);
  }

  private static int size(Options options, String name, int defaultValue) {
    return options.integer(name, defaultValue, 1, 1 << 24);
  }

  /** How many equal parts another option's value has. */
  private static int divisor(
      Options options, String name, int defaultValue, String divided, int whole) {
    int parts = size(options, name, defaultValue);
    if (whole % parts == 0) {
      return parts;
    }
    int fewer = Math.min(parts, whole);
    while (whole % fewer != 0) {
      fewer--;
    }
    int more = Math.min(parts, whole);
    while (whole % more != 0) {
      more++;
    }
    throw options.bad(
        name,
        String.valueOf(parts),
        "a divisor of "
            + divided
            + "="
            + whole
            + (fewer == more ? ", as " + more + " is" : ", as " + fewer + " and " + more + " are"));
  }
}
