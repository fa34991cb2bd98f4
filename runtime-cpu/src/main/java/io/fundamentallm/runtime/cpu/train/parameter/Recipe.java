package io.fundamentallm.runtime.cpu.train.parameter;

import io.fundamentallm.model.Spec;
import io.fundamentallm.model.SpecFiles;
import io.fundamentallm.spi.NearestName;
import io.fundamentallm.spi.Options;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Function;

/** Resolves the recipes of a plan, such as its optimizer, to what they name in this trainer. */
public final class Recipe {
  private Recipe() {}

  /**
   * What a recipe names.
   *
   * @param kind what it is a recipe of, for messages
   * @param known what reads the options of each name
   * @throws IllegalArgumentException for an unknown name or option, or a value out of range
   */
  public static <T> T resolve(String kind, String recipe, Map<String, Function<Options, T>> known) {
    Spec.Stage stage = Spec.single(recipe).read(SpecFiles.none()); // nothing here fills a file
    Function<Options, T> named = known.get(stage.name());
    if (named == null) {
      throw new IllegalArgumentException(
          "no "
              + kind
              + " \""
              + stage.name()
              + NearestName.of(stage.name(), new TreeSet<>(known.keySet()))
                  .map(meant -> "\". Did you mean \"" + meant + "\"? There are ")
                  .orElse("\"; there are ")
              + String.join(", ", new TreeSet<>(known.keySet())));
    }
    Options options = Options.of(kind, stage.name(), stage.options());
    T resolved = named.apply(options);
    options.requireAllUsed();
    return resolved;
  }

  /** The name in a recipe. */
  public static String name(String recipe) {
    return Spec.single(recipe).name();
  }
}
