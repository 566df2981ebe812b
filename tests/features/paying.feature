Feature: Paying
  Whatever the gateway answers, early, late or never, nobody is charged twice and nothing is lost.

  Background:
    Given the shop sells the run "6.86x-1T2027" for $39.33 with 1 seat
    And ada puts "6.86x-1T2027" in her basket
    And ada checks out

  Scenario: Paid
    When ada pays by a good card
    Then ada's order is paid
    And $39.33 was charged
    And ada's basket is empty
    And ada's receipt says "$39.33"

  Scenario: Declined, then another card
    When ada pays by an empty card
    Then ada's order waits for another card
    And nothing was charged
    And ada's basket costs $39.33
    When ada pays by a good card
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Five declined cards end the order
    When ada pays by an empty card 5 times
    Then ada's order is declined
    And nothing was charged
    When bob puts "6.86x-1T2027" in his basket
    Then bob's basket costs $39.33

  Scenario: Held for review and accepted
    When ada pays by a card that is looked at twice
    Then ada's order is held for review
    When the gateway accepts ada's payment
    And 60 minutes pass
    And the clock does its work
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Held for review and rejected
    When ada pays by a card that is looked at twice
    And the gateway rejects ada's payment
    And 60 minutes pass
    And the clock does its work
    Then ada's order is cancelled
    And nothing was charged
    When bob puts "6.86x-1T2027" in his basket
    Then bob's basket costs $39.33

  Scenario: The answer gets lost, and the gateway knows that it was paid
    When ada pays by a good card, but the answer gets lost
    Then ada's order is being checked
    When 1 minute passes
    And ada looks whether it was paid
    Then ada's order is paid
    And $39.33 was charged

  Scenario: The request gets lost, and long after that the gateway knows nothing of it
    When ada pays by a good card, but the request gets lost
    Then ada's order is being checked
    When 5 minutes pass
    And the clock does its work
    Then ada's order is being checked
    When 25 minutes pass
    And ada looks whether it was paid
    Then ada's order waits for another try
    When ada pays by a good card
    Then ada's order is paid
    And $39.33 was charged

  Scenario: Nobody pays again while it is being checked
    When ada pays by a good card, but the answer gets lost
    And ada tries to pay again
    Then ada's order is being checked
    And $39.33 was charged

  Scenario: The form is sent twice
    When ada pays by a good card, and sends the form twice
    Then ada's order is paid
    And $39.33 was charged
    And the shop refused nothing

  Scenario: Cancelled by the learner
    When ada cancels her order
    Then ada's order is cancelled
    And ada's basket costs $39.33
    When bob puts "6.86x-1T2027" in his basket
    And bob checks out
    Then bob's order waits for payment

  Scenario: Cancelling what was paid in the dark finds it paid
    When ada pays by a good card, but the answer gets lost
    And 1 minute passes
    And ada cancels her order
    Then ada's order is paid

  Scenario: Cancelling has to wait while nobody knows
    When ada pays by a good card, but the request gets lost
    And ada cancels her order
    Then the shop refuses, because "We are still checking with the payment service"
    And ada's order is being checked

  Scenario: The hold expires
    When 31 minutes pass
    And the clock does its work
    Then ada's order has expired
    When bob puts "6.86x-1T2027" in his basket
    And bob checks out
    Then bob's order waits for payment

  Scenario: The hold does not expire while it is being checked
    When ada pays by a good card, but the answer gets lost
    And the gateway forgets what it knows
    And 20 minutes pass
    And the clock does its work
    Then ada's order is being checked

  Scenario: Money that comes after the order was given up, and it can still be delivered
    When ada pays by a good card, but the answer gets lost
    And the gateway forgets what it knows
    And 45 minutes pass
    And the clock does its work
    Then ada's order has expired
    When the gateway remembers that ada has paid
    Then ada's order is paid
    And $39.33 was charged
    And nothing was given back

  Scenario: Money that comes after somebody else took the last seat
    When ada pays by a good card, but the answer gets lost
    And the gateway forgets what it knows
    And 45 minutes pass
    And the clock does its work
    And bob puts "6.86x-1T2027" in his basket
    And bob checks out
    And the gateway remembers that ada has paid
    Then ada's order has expired
    And ada's order needs attention
    When the clock does its work
    Then $39.33 was given back
    When bob pays by a good card
    Then bob's order is paid

  Scenario: The gateway is out of reach
    Given the gateway is out of reach
    When ada pays by a good card
    Then the shop refuses, because "The payment service does not answer at the moment"
    And ada's order waits for payment
    When the gateway can be reached again
    And ada pays by a good card
    Then ada's order is paid
