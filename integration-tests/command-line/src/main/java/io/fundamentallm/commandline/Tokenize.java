package io.fundamentallm.commandline;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows the tokens of a text. */
@Command(
    name = "tokenize",
    description = "Shows the tokens of a text: id and text of each, separated by a tab.")
final class Tokenize extends Subcommand {
  @Mixin ModelDirectory directory = new ModelDirectory();

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "TEXT",
      description = "By default all of standard input, to the last byte.")
  @Nullable String text;

  @Option(
      names = "--special",
      description = "Special tokens that are written out in the text count as such.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean special;

  @Option(
      names = "--json",
      description = "Print one JSON object: ids, pieces as the vocabulary writes them, and texts.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  boolean json;

  @Override
  public Integer call() throws IOException {
    Tokenizer tokenizer = directory.tokenizer();
    String input =
        text == null ? new String(System.in.readAllBytes(), StandardCharsets.UTF_8) : text;
    int[] ids = tokenizer.encode(input, special ? SpecialTokens.all() : SpecialTokens.none());
    Vocabulary vocabulary = tokenizer.vocabulary();
    TokenTexts texts = new TokenTexts(tokenizer);
    if (json) {
      JsonLine.print(
          out(),
          fields -> {
            fields.writeFieldName("ids");
            fields.writeArray(ids, 0, ids.length);
            fields.writeArrayFieldStart("pieces");
            for (int id : ids) {
              fields.writeString(vocabulary.token(id));
            }
            fields.writeEndArray();
            fields.writeArrayFieldStart("texts");
            for (int id : ids) {
              fields.writeString(texts.text(id));
            }
            fields.writeEndArray();
          });
    } else {
      for (int id : ids) {
        out().println(id + "\t" + texts.line(id));
      }
    }
    return ExitCode.OK;
  }
}
