/** How many requests run, wait and are counted. */
@NullMarked
package io.fundamentallm.webservice.admission;

import org.jspecify.annotations.NullMarked;
