package io.fundamentallm.benchmarks;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.benchmarks.rotation.Figure;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * A first look without JMH: the libraries in one JVM, by turns, so that whatever else the machine
 * does hits all of them; the median of each library's rounds. Prints MB of UTF-8 a second, how many
 * times as fast the first library is, and whether the ids are the first library's.
 *
 * <p>Arguments are {@code key=value}, lists with commas. Their defaults:
 *
 * <pre>
 * tokenizers=r50k,cl100k,o200k       also gpt2, qwen3, mistral-v1, t5, bert-base-uncased …
 * texts=english,multilingual,code
 * libraries=ours,jtokkit,djl         each where it has the tokenizer; djl reads gpt2 for r50k
 * task=encode                        or decode
 * shape=documents                    or whole
 * megabytes=10                       a tenth of it for djl
 * warmup=3                           seconds for each
 * rounds=9
 * </pre>
 */
public final class QuickCompare {
  private final Map<String, String> options = new LinkedHashMap<>();

  private QuickCompare() {
    options.put("tokenizers", "r50k,cl100k,o200k");
    options.put("texts", "english,multilingual,code");
    options.put("libraries", "ours,jtokkit,djl");
    options.put("task", "encode");
    options.put("shape", "documents");
    options.put("megabytes", "10");
    options.put("warmup", "3");
    options.put("rounds", "9");
  }

  /** Compares what the arguments say. */
  public static void main(String[] arguments) {
    QuickCompare compare = new QuickCompare();
    for (String argument : arguments) {
      String[] option = argument.split("=", 2);
      if (option.length != 2 || compare.options.replace(option[0], option[1]) == null) {
        throw new IllegalArgumentException(argument + " is none of " + compare.options);
      }
    }
    compare.run();
  }

  private void run() {
    print("tokenizer", "text", "library", "MB/s", "first is", "ids");
    for (String tokenizer : list("tokenizers")) {
      Map<String, Contender<?>> contenders = contenders(tokenizer);
      for (String text : list("texts")) {
        compare(tokenizer, text, contenders);
      }
    }
  }

  /** The libraries that have the tokenizer; says why where one should and has not. */
  private Map<String, Contender<?>> contenders(String tokenizer) {
    boolean ranks = SharedFolder.isRankFile(tokenizer);
    Map<String, Contender<?>> contenders = new LinkedHashMap<>();
    for (String library : list("libraries")) {
      try {
        switch (library) {
          case "ours" -> contenders.put(library, OurContender.open(tokenizer));
          case "jtokkit" -> {
            if (ranks) {
              contenders.put(library, JtokkitContender.open(tokenizer));
            }
          }
          case "djl" -> {
            if (!ranks || tokenizer.equals("r50k")) {
              contenders.put(library, DjlContender.open(ranks ? "gpt2" : tokenizer));
            }
          }
          default -> throw new IllegalArgumentException("no such library: " + library);
        }
      } catch (RuntimeException e) {
        System.out.println(library + " does not load " + tokenizer + ": " + e.getMessage());
      }
    }
    return contenders;
  }

  private void compare(String tokenizer, String text, Map<String, Contender<?>> contenders) {
    boolean decode = option("task").equals("decode");
    int size = (int) (Double.parseDouble(option("megabytes")) * 1e6);
    Sample sample = Sample.of(text, option("shape"), size);
    Sample tenth = Sample.of(text, option("shape"), size / 10);
    List<Race<?>> races = new ArrayList<>();
    contenders.forEach(
        (library, contender) ->
            races.add(Race.of(library, contender, library.equals("djl") ? tenth : sample, decode)));
    for (Race<?> race : races) {
      race.warmUp(Double.parseDouble(option("warmup")));
    }
    for (int round = 0; round < Integer.parseInt(option("rounds")); round++) {
      races.forEach(Race::run);
    }
    if (races.isEmpty()) {
      return;
    }
    double first = races.get(0).median();
    int[] expected = races.get(0).ids(tenth);
    for (Race<?> race : races) {
      Figure.add(tokenizer + " " + text, race.library(), race.median());
      print(
          tokenizer,
          text,
          race.library(),
          String.format(Locale.ROOT, "%.1f", race.median()),
          String.format(Locale.ROOT, "%.2f x", first / race.median()),
          Arrays.equals(expected, race.ids(tenth)) ? "same" : "OTHERS");
    }
  }

  private List<String> list(String name) {
    return Arrays.asList(option(name).split(",", -1));
  }

  private String option(String name) {
    return requireNonNull(options.get(name), name);
  }

  private static void print(String... cells) {
    System.out.println(
        String.format(Locale.ROOT, "%-18s %-13s %-8s %9s %9s  %s", (Object[]) cells));
  }
}
