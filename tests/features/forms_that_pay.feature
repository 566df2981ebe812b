Feature: Card forms that charge the card by themselves
  They may be paid where the shop does not see it, so the gateway is asked, and asked again. Nobody
  is charged twice, nothing is lost, and whoever opened a form and left it is not kept waiting.

  Background:
    Given card forms charge the card by themselves
    And the shop sells the run "6.86x-1T2027" for $39.33 with 1 seat
    And ada puts "6.86x-1T2027" in her basket
    And ada checks out

  Scenario: Paid
    When ada pays by a good card
    And 1 minute passes
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged
    And ada's basket is empty

  Scenario: Declined, then another card
    When ada pays by an empty card
    And 1 minute passes
    And the clock does its work
    Then ada's order waits for another card
    And nothing was charged
    When ada pays by a good card
    And 1 minute passes
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged

  Scenario: The form is sent twice
    When ada pays by a good card, and sends the form twice
    And 1 minute passes
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged

  Scenario: The tab is closed after paying, and the clock finds it
    When ada pays by a good card in a tab that closes at once
    Then ada's order waits for payment
    When 5 minutes pass
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged

  Scenario: The tab is closed after paying, and ada comes back to pay
    When ada pays by a good card in a tab that closes at once
    And 1 minute passes
    And ada tries to pay again
    Then ada's order is paid
    And $39.33 was charged

  Scenario: The tab is closed after paying, and ada comes back to cancel
    When ada pays by a good card in a tab that closes at once
    And 1 minute passes
    And ada cancels her order
    Then ada's order is paid

  Scenario: Whoever opened the form and left it goes on with it
    When ada opens the card form and leaves it
    And 10 minutes pass
    And ada pays by a good card
    And 1 minute passes
    And the clock does its work
    Then ada's order is paid

  Scenario: Whoever opened the form and left it may cancel at once
    When ada opens the card form and leaves it
    And ada cancels her order
    Then ada's order is cancelled
    When bob puts "6.86x-1T2027" in his basket
    Then bob's basket costs $39.33

  Scenario: Whoever cancels and pays all the same in the form that is still open gets the course
    When ada opens the card form and leaves it
    And ada cancels her order
    And ada pays in the form that she left
    And 5 minutes pass
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Whoever pays in an old form after somebody else took the last seat gets the money back
    When ada opens the card form and leaves it
    And ada cancels her order
    And bob puts "6.86x-1T2027" in his basket
    And bob checks out
    And ada pays in the form that she left
    And 5 minutes pass
    And the clock does its work
    Then ada's order is cancelled
    And ada's order needs attention
    When the clock does its work
    Then $39.33 was given back

  Scenario: A form that has just expired is not replaced before a payment in it would show
    When ada opens the card form and leaves it
    And 15 minutes pass
    And ada pays by a good card
    Then the shop refuses, because "has just expired"
    When 1 minute passes
    And ada pays by a good card
    And 1 minute passes
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged

  Scenario: The hold of an order expires though its form was opened
    When ada opens the card form and leaves it
    And 31 minutes pass
    And the clock does its work
    Then ada's order has expired

  Scenario: Nothing is decided while the gateway is out of reach
    When ada opens the card form and leaves it
    And the gateway cannot be reached
    And ada cancels her order
    Then the shop refuses, because "We are still checking with the payment service"
    And ada's order waits for payment
