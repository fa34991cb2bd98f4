package io.fundamentallm.webservice.request;

import io.fundamentallm.webservice.error.ApiException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import tools.jackson.databind.node.ArrayNode;

/**
 * What a client called the fields that a chat has under other names: its errors would name what
 * nobody has sent. One thread at a time.
 */
final class ClientNames {
  private final Map<String, String> names = new HashMap<>();

  /** The path of the turn that comes next in a chat. */
  static String next(ArrayNode turns) {
    return "messages[" + turns.size() + "]";
  }

  /**
   * A field of the chat, with all that is in it, is the client's under this name.
   *
   * @param chat its path there, such as {@code messages[1].content}
   * @param client its path in the request
   */
  void put(String chat, String client) {
    names.put(chat, client);
  }

  /** Reads the chat; its errors name what the client sent. */
  AnswerPlan naming(Supplier<AnswerPlan> reading) {
    AnswerPlan plan;
    try {
      plan = reading.get();
    } catch (ApiException e) {
      throw named(e);
    }
    String constraint = plan.constraint();
    return constraint == null ? plan : plan.constrainedBy(name(constraint));
  }

  private ApiException named(ApiException error) {
    String param = error.param();
    String name = param == null ? null : name(param);
    return param == null || name == null || name.equals(param)
        ? error
        : new ApiException(
            error.status(), error.type(), name, error.code(), renamed(error, param, name));
  }

  private static String renamed(ApiException error, String param, String name) {
    return error
        .text()
        .replace("'" + param + "'", "'" + name + "'")
        .replace("your " + param + " ", "your " + name + " ")
        .replace("of the " + param + ".", "of the " + name + ".");
  }

  private String name(String param) {
    for (int end = param.length(); end > 0; end = lastPart(param, end)) {
      String name = names.get(param.substring(0, end));
      if (name != null) {
        return name + param.substring(end);
      }
    }
    return param;
  }

  /** Where the last name or index of a path begins. */
  private static int lastPart(String path, int end) {
    return Math.max(path.lastIndexOf('.', end - 1), path.lastIndexOf('[', end - 1));
  }
}
