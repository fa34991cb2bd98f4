/** Which candidates stay: the best, those above a threshold, those that gather a mass. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.samplers.filter;
