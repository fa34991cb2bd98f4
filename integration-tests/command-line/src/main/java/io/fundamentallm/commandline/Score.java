package io.fundamentallm.commandline;

import io.fundamentallm.TextScore;
import io.fundamentallm.TextScorer;
import io.fundamentallm.TokenScore;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.Tokenizer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Reports how surprising each line is. */
@Command(
    name = "score",
    description = {
      "Shows how surprising each line of standard input is.",
      "Prints bits, bits per byte and the line, separated by tabs, as lines arrive. A model of"
          + " usual lines finds the unusual ones."
    })
final class Score extends Subcommand {
  @Mixin ModelDirectory directory = new ModelDirectory();

  @Option(
      names = "--above",
      paramLabel = "BITS",
      description = "Only lines with more bits per byte than this.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  double above = Double.NEGATIVE_INFINITY;

  @Option(
      names = "--json",
      description = "Print one JSON object for each line, with its tokens' texts and surprisal.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean json;

  @Override
  public Integer call() throws IOException {
    try (LanguageModel model = directory.model();
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      Tokenizer tokenizer = directory.tokenizer();
      TextScorer scorer = TextScorer.of(tokenizer, model);
      TokenTexts texts = new TokenTexts(tokenizer);
      long number = 0;
      // flushed line by line: the input may be a log that is being written
      for (String line = lines.readLine();
          line != null && !out().checkError();
          line = lines.readLine()) {
        number++;
        TextScore score = score(scorer, number, line);
        // an empty line has no bits per byte
        if (score.bitsPerByte() > above || above == Double.NEGATIVE_INFINITY) {
          print(number, line, score, texts);
        }
      }
      out().flush();
    }
    return ExitCode.OK;
  }

  private static TextScore score(TextScorer scorer, long number, String line) throws IOException {
    try {
      return scorer.score(line);
    } catch (IllegalArgumentException e) {
      throw new IOException("line " + number + ": " + e.getMessage(), e);
    }
  }

  private void print(long number, String line, TextScore score, TokenTexts texts)
      throws IOException {
    double bits = score.tokens().stream().mapToDouble(TokenScore::surprisal).sum();
    if (json) {
      JsonLine.print(
          out(),
          fields -> {
            fields.writeNumberField("line", number);
            fields.writeStringField("text", line);
            JsonLine.number(fields, "bits", bits);
            JsonLine.number(fields, "bitsPerByte", score.bitsPerByte());
            fields.writeArrayFieldStart("tokens");
            for (TokenScore token : score.tokens()) {
              fields.writeStartObject();
              fields.writeNumberField("id", token.token());
              JsonLine.number(fields, "bits", token.surprisal());
              fields.writeStringField("text", texts.text(token.token()));
              fields.writeEndObject();
            }
            fields.writeEndArray();
          });
    } else if (score.tokens().isEmpty()) {
      out().println("0.00\t-\t" + line);
    } else {
      out().printf(Locale.ROOT, "%.2f\t%.3f\t%s%n", bits, score.bitsPerByte(), line);
    }
  }
}
