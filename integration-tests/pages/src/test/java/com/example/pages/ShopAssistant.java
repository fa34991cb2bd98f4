package com.example.pages;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.Trainers;
import io.fundamentallm.internal.json.Json;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;

/**
 * From a book and 2,000 made-up conversations to a model that answers questions about a small shop
 * in JSON. The arguments are the book, a folder to work in, and the steps to read the book with; it
 * prints how many of 100 questions that it was not trained on it answers right.
 */
public final class ShopAssistant {
  private static final List<String> PRODUCTS =
      List.of(
          "lamp", "desk", "chair", "vase", "clock", "sofa", "shelf", "mirror", "carpet", "stool",
          "bench", "candle", "basket", "pillow", "blanket", "curtain", "kettle", "teapot", "bowl",
          "tray");

  private static final List<String> COLOURS =
      List.of("red", "blue", "green", "white", "black", "brown");

  private static final List<String> OPENINGS =
      List.of(
          "",
          "Hello! ",
          "Good morning. ",
          "Please, ",
          "A question: ",
          "Dear Sir, ",
          "One thing: ",
          "Hi, ");

  private static final Map<String, List<String>> QUESTIONS =
      Map.of(
          "price",
          List.of(
              "What does the %s cost?",
              "How much is the %s?",
              "Tell me the price of the %s.",
              "What is the price of your %s?",
              "I want to buy a %s. What must I pay?",
              "How much do you ask for the %s?"),
          "colour",
          List.of(
              "What colour is the %s?",
              "Which colour has the %s?",
              "Tell me the colour of the %s.",
              "Of what colour is your %s?",
              "I look for a %s. What colour does it have?",
              "Is the %s red or of another colour?"),
          "stock",
          List.of(
              "How many of the %s do you have?",
              "Is the %s in stock?",
              "Tell me how many of the %s are left.",
              "Can I get a %s now?",
              "How many pieces of the %s are there?",
              "Do you still have the %s?"));

  private record Exchange(String question, String answer) {
    String line() {
      return JsonWriter.compact(
          Map.of(
              "messages",
              List.of(
                  Map.of("role", "user", "content", question),
                  Map.of("role", "assistant", "content", answer))));
    }
  }

  private ShopAssistant() {}

  /** Trains and asks. */
  public static void main(String[] arguments) throws Exception {
    Path folder = Path.of(arguments[1]);
    Path base = folder.resolve("base");
    String book = Files.readString(Path.of(arguments[0]));
    Tokenizer learned = Tokenizers.learn("auto", book);
    int reading = Integer.parseInt(arguments[2]); // not a time: slow machines learn as much
    Trainers.configured()
        .train(
            TrainingData.ofText(learned, book, 0.95),
            TrainingPlan.builder(base).steps(reading).build(),
            TrainingListener.printing(System.out));
    Files.writeString(
        base.resolve("chat_template.jinja"),
        "{%- for m in messages %}{{- m['role'] + '\\n' + m['content'] + eos_token + '\\n' }}"
            + "{%- endfor %}{%- if add_generation_prompt %}{{- 'assistant\\n' }}{%- endif %}");

    List<Exchange> all = exchanges();
    Path conversations = folder.resolve("conversations.jsonl");
    Files.writeString(
        conversations,
        all.subList(0, 2000).stream().map(Exchange::line).collect(Collectors.joining("\n")));
    Path assistant = folder.resolve("assistant");
    Trainers.configured()
        .train(
            TrainingData.ofConversations(Tokenizers.load(base), 0.95, conversations),
            TrainingPlan.supervised(assistant, FineTuning.of(base)).build(),
            TrainingListener.printing(System.out));

    int right = 0;
    try (TextGenerator generator =
        TextGenerator.load(assistant).withSampler("greedy").withMaxNewTokens(60)) {
      for (Exchange exchange : all.subList(2000, 2100)) {
        String answer =
            generator.chat(List.of(ChatMessage.user(exchange.question))).stream()
                .map(token -> token.text())
                .collect(Collectors.joining());
        boolean same = isSame(answer, exchange.answer);
        right += same ? 1 : 0;
        if (!same) {
          System.out.println(exchange.question + " -> " + answer);
        }
      }
    }
    System.out.println("right: " + right + " of 100");
  }

  private static boolean isSame(String answer, String expected) {
    try {
      return Json.object(answer).equals(Json.object(expected));
    } catch (IllegalArgumentException e) {
      return false; // no valid JSON
    }
  }

  /** All questions, in a random order. */
  private static List<Exchange> exchanges() {
    List<Exchange> all = new ArrayList<>();
    for (int product = 0; product < PRODUCTS.size(); product++) {
      for (String field : List.of("price", "colour", "stock")) {
        for (String question : QUESTIONS.get(field)) {
          for (String opening : OPENINGS) {
            String asked = opening + question.formatted(PRODUCTS.get(product));
            all.add(new Exchange(asked, answer(product, field)));
          }
        }
      }
    }
    Collections.shuffle(all, new Random(1));
    return all;
  }

  private static String answer(int product, String field) {
    Map<String, Object> answer = new LinkedHashMap<>();
    answer.put("product", PRODUCTS.get(product));
    switch (field) {
      case "price" -> answer.put(field, 10 + product * 37 % 90);
      case "colour" -> answer.put(field, COLOURS.get(product * 7 % COLOURS.size()));
      default -> answer.put(field, product * 13 % 10);
    }
    return JsonWriter.compact(answer);
  }
}
