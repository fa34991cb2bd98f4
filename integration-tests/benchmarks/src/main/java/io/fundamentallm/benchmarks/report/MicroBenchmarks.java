package io.fundamentallm.benchmarks.report;

import io.fundamentallm.benchmarks.rotation.Figure;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;

/** JMH with the command line of its own main class, and its scores as figures. */
final class MicroBenchmarks {
  private MicroBenchmarks() {}

  /** Runs what the command line says. */
  public static void main(String[] commandLine) throws CommandLineOptionException, RunnerException {
    for (RunResult result : new Runner(new CommandLineOptions(commandLine)).run()) {
      BenchmarkParams parameters = result.getParams();
      String subject =
          parameters.getParamsKeys().stream()
              .map(parameters::getParam)
              .collect(Collectors.joining(", "));
      Figure.add(
          subject, result.getPrimaryResult().getLabel(), result.getPrimaryResult().getScore());
    }
  }
}
