package io.fundamentallm.langchain4j;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A chat model that knows the conversations of LangChain4j's own kit by heart. Trained once for all
 * of its tests, in seconds; never closed.
 */
final class KitChat {
  static final TextGenerator GENERATOR = load();

  private static final String BERLIN = "Berlin is the capital of Germany";

  private KitChat() {}

  private static TextGenerator load() {
    Path directory = Path.of("target", "kit-chat");
    try {
      TinyChat.train(directory, conversations(), 420, 160, 200);
      return TextGenerator.load(directory, "cpu(threads=1)")
          .withSampler("greedy")
          .withStops("\n")
          .withMaxNewTokens(100);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<String> conversations() {
    return List.of(
        exchange("What is the capital of Germany?", BERLIN),
        exchange("What is the capital of Germany?", BERLIN), // twice: likelier than the JSON below
        exchange("What is the capital of Germany? How much is 2 + 2?", BERLIN + ", and 2 + 2 is 4"),
        exchange(
            "What is the capital of Germany? Answer with a JSON object containing a single 'city'"
                + " field",
            "{\"city\": \"Berlin\"}"),
        // what the answer is where a schema leaves no other
        exchange("What is the capital of Germany?", "{\"city\": \"Berlin\"}"),
        "system\nTranslate messages from user into German\n"
            + exchange("Translate: 'I love you'", "Ich liebe dich"),
        exchange("Hi, my favorite color is green", "Hi, nice to meet you")
            + "\n"
            + exchange("What is my favorite color?", "It is green"),
        exchange("Say 'Hello World'", "Hello World"),
        exchange("hello", "hello to you"),
        exchange(
            "Tell me a long story about animals",
            "A fox met a hen at a well. The hen told the fox of an owl that sat in an old elm. The"
                + " owl had seen a cat that had seen a mouse, and the mouse had seen the moon in the"
                + " well. So the fox looked down, and what he saw there was a fox"));
  }

  private static String exchange(String question, String answer) {
    return "user\n" + question + "\nassistant\n" + answer;
  }
}
