/** How many flows may begin. Asked by pin where one would. */
package io.l4lb.admit;
