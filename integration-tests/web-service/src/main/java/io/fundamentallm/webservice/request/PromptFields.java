package io.fundamentallm.webservice.request;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.settings.Limits;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/** The field {@code prompt}: texts, or token ids. */
final class PromptFields {
  private PromptFields() {}

  /**
   * One or several prompts.
   *
   * @throws io.fundamentallm.webservice.error.ApiException if something is wrong with them
   */
  static List<AnswerPlan.Prompt> read(Fields fields, TextGenerator generator, Limits limits) {
    JsonNode prompt = fields.value("prompt");
    if (prompt != null && prompt.isArray() && !prompt.isEmpty()) {
      JsonNode first = prompt.get(0);
      if (first.isNumber()) {
        return List.of(tokens(fields, "prompt", prompt, generator));
      } else if (first.isArray()) {
        if (prompt.size() > limits.sequences()) {
          throw fields.bad("prompt", "must not hold more than " + limits.sequences() + " prompts");
        }
        List<AnswerPlan.Prompt> prompts = new ArrayList<>();
        for (int i = 0; i < prompt.size(); i++) {
          prompts.add(tokens(fields, "prompt[" + i + "]", prompt.get(i), generator));
        }
        return prompts;
      }
    }
    List<String> texts = fields.texts("prompt", limits.sequences());
    if (texts.isEmpty()) {
      throw fields.bad(
          "prompt", "is missing: a string, an array of strings, or arrays of token ids");
    }
    List<AnswerPlan.Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      fields.requireWhole(texts.size() == 1 ? "prompt" : "prompt[" + i + "]", text);
      prompts.add(AnswerPlan.Prompt.continued(text, its -> its.tokens(text)));
    }
    return prompts;
  }

  private static AnswerPlan.Prompt tokens(
      Fields fields, String name, JsonNode array, TextGenerator generator) {
    int[] tokens = TokenIds.read(fields, name, array, generator.tokenizer());
    if (tokens.length == 0) {
      throw fields.bad(name, "must have at least one token id");
    }
    Tokenizer tokenizer = generator.tokenizer();
    return AnswerPlan.Prompt.continued(tokenizer.decode(tokens), tokens);
  }
}
