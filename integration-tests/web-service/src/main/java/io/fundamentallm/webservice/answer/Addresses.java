package io.fundamentallm.webservice.answer;

import io.fundamentallm.spi.NearestName;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.stereotype.Component;
import org.springframework.web.reactive.result.method.annotation.RequestMappingHandlerMapping;

/**
 * What the service answers at, for requests that miss it: a base URL without {@code /v1}, or with
 * it twice, is the commonest mistake of clients.
 */
@Component
final class Addresses {
  private static final String VERSION = "/v1";

  /** Longer paths resemble none. */
  private static final int LONGEST = 100;

  private final RequestMappingHandlerMapping mapping;

  Addresses(@Qualifier("requestMappingHandlerMapping") RequestMappingHandlerMapping mapping) {
    this.mapping = mapping;
  }

  /** The address that a path was probably meant to be. */
  Optional<String> nearest(String path) {
    if (path.length() > LONGEST) {
      return Optional.empty();
    }
    List<String> known =
        mapping.getHandlerMethods().keySet().stream()
            .flatMap(info -> info.getPatternsCondition().getPatterns().stream())
            .map(pattern -> pattern.getPatternString())
            .filter(pattern -> !pattern.contains("{"))
            .toList();
    // what all have in common would count as right letters
    Map<String, String> byTail = new LinkedHashMap<>();
    known.forEach(address -> byTail.putIfAbsent(tail(address), address));
    Optional<String> near = NearestName.of(tail(path), byTail.keySet());
    if (near.isPresent()) {
      return near.map(byTail::get);
    }
    return byTail.keySet().stream()
        .filter(tail -> path.endsWith(tail) && isBase(path, path.length() - tail.length()))
        .max(Comparator.comparingInt(String::length))
        .map(byTail::get);
  }

  /** Whether the path begins as a client's base URL may: with a version, or a segment before it. */
  private static boolean isBase(String path, int length) {
    return path.substring(0, length).matches("(/[^/]*)?(" + VERSION + ")*");
  }

  private static String tail(String address) {
    return address.startsWith(VERSION + "/") ? address.substring(VERSION.length()) : address;
  }
}
