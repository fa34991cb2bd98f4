package io.fundamentallm.concepts;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Trains a small model, runs the code of {@code concepts.md} with it, and draws the page's figures
 * into the directory that is its one argument. The model lies in {@code target/concepts}
 * afterwards.
 */
public final class Concepts {
  private Concepts() {}

  /** Exits with 2 and one line that says why, unless there is one argument. */
  public static void main(String[] args) throws IOException {
    System.exit(run(args, System.out, System.err));
  }

  static int run(String[] args, PrintStream out, PrintStream err) throws IOException {
    if (args.length != 1) {
      err.println("concepts: expected one argument, a directory for figures; came " + args.length);
      return 2;
    }
    Path directory = Files.createDirectories(Path.of(args[0]));
    try (Experiment experiment = Experiment.train()) {
      new Walkthrough(experiment, out).run();
      for (Figure figure : figures(experiment)) {
        Path file = directory.resolve(figure.name() + ".svg");
        Files.writeString(file, figure.svg());
        out.println(file + ": " + figure.caption());
      }
    }
    return 0;
  }

  /** In the page's order. */
  static List<Figure> figures(Experiment experiment) {
    return List.of(
        TrainingFigure.draw(experiment),
        DependencyFigure.draw(experiment),
        SurprisalFigure.draw(experiment),
        ExposureFigure.draw(experiment),
        SamplingFigure.draw(experiment),
        CacheFigure.draw(experiment));
  }
}
