package io.fundamentallm.langchain4j;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.fixtures.ToolChat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;

/**
 * A chat model that knows the conversations of LangChain4j's own kit by heart. Trained once for all
 * of its tests, in seconds; never closed.
 */
final class KitChat {
  private static final String WEATHER = ToolChat.call("getWeather", "{\"city\": \"Munich\"}");
  private static final String BERLIN = "Berlin is the capital of Germany";

  /** After the texts that it is trained on. */
  static final TextGenerator GENERATOR = load();

  private KitChat() {}

  private static TextGenerator load() {
    Path directory = Path.of("target", "kit-chat");
    try {
      TinyChat.train(directory, conversations(), 420, 200, 300, ToolChat.TEMPLATE);
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
        exchange("I live in Munich", WEATHER),
        exchange("What is the weather in Munich?", WEATHER)
            + "\ntool\nsunny\nassistant\nThe sun is out",
        exchange("What is the weather in Munich?", WEATHER)
            + "\ntool\nsunny\nassistant\n{\"weather\": \"sunny\"}",
        exchange(
                "What is the time now? Use the get_current_time tool.",
                ToolChat.call("get_current_time", "{}"))
            + "\ntool\n10:14\nassistant\nIt is 10:14",
        exchange(
                "What is the weather in Munich and time in France? Call tools simultaneously (in"
                    + " parallel)",
                WEATHER + ToolChat.call("getTime", "{\"country\": \"France\"}"))
            + "\ntool\nsunny\ntool\n14:35\nassistant\nThe sun is out at 14:35",
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
