@core @http @command-line
Feature: Personal prices from an extension
  An extension can give a learner a personal price. It counts as one more discount.

  Background:
    Given the shop sells the course run "14.310x-1T2027" for $1000.00

  Rule: A personal price applies to its learner only, once signed in

    @DIS-15
    Scenario: A personal price applies from the basket to the receipt
      Given an extension gives Ada a personal price of $250.00 for "14.310x-1T2027"
      When Ada adds "14.310x-1T2027" to her basket
      Then the total of Ada's basket is $250.00
      When Ada checks out
      And Ada pays with a valid card
      Then Ada's order is paid
      And $250.00 was charged
      And Ada's receipt shows "$250.00"

    @DIS-16
    Scenario: Another learner pays the list price
      Given an extension gives Ada a personal price of $250.00 for "14.310x-1T2027"
      When Bob adds "14.310x-1T2027" to his basket
      Then the total of Bob's basket is $1,000.00

    @DIS-17
    Scenario: A visitor who is not signed in sees the list price
      Given an extension gives Ada a personal price of $250.00 for "14.310x-1T2027"
      And Eve is not signed in
      When Eve adds "14.310x-1T2027" to her basket
      Then the total of Eve's basket is $1,000.00

  Rule: A personal price does not add up with other discounts

    @DIS-18
    Scenario Outline: The better of code and personal price applies
      Given an extension gives Ada a personal price of $500.00 for "14.310x-1T2027"
      And the code "SPRING" gives <percent> percent off
      When Ada adds "14.310x-1T2027" to her basket
      And Ada enters the code "SPRING"
      Then the total of Ada's basket is $<due>

      Examples:
        | percent | due    |
        | 25      | 500.00 |
        | 75      | 250.00 |

    @DIS-19
    Scenario: A personal price above the list price has no effect
      Given an extension gives Ada a personal price of $1200.00 for "14.310x-1T2027"
      When Ada adds "14.310x-1T2027" to her basket
      Then the total of Ada's basket is $1,000.00

  Rule: An order is placed only at the personal price that the learner reviewed

    @DIS-20
    Scenario: A withdrawn personal price is refused and shown
      Given an extension gives Ada a personal price of $250.00 for "14.310x-1T2027"
      When Ada adds "14.310x-1T2027" to her basket
      And Ada reviews her order
      And the extension withdraws Ada's personal price
      And Ada confirms the order
      Then the shop refuses with the message "The total is now $1,000.00; it was $250.00"
      And Ada has no order

    @DIS-21
    Scenario: Nothing is sold while the extension fails
      Given an extension gives Ada a personal price of $250.00 for "14.310x-1T2027"
      When Ada adds "14.310x-1T2027" to her basket
      And Ada reviews her order
      And the extension fails
      And Ada confirms the order
      Then the shop refuses with the message "Your price cannot be worked out at the moment"
      And Ada has no order

  Rule: A placed order keeps its price

    @DIS-22
    Scenario: An order is paid and refunded at its stored price while the extension fails
      Given an extension gives Ada a personal price of $250.00 for "14.310x-1T2027"
      When Ada adds "14.310x-1T2027" to her basket
      And Ada checks out
      And the extension fails
      And Ada pays with a valid card
      Then Ada's order is paid
      When staff refund Ada's order
      Then Ada's order is refunded
      And $250.00 was refunded
