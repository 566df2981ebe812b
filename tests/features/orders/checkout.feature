@core @http
Feature: Checking out
  An order is placed once, exactly as the learner reviewed it. It holds its seats while it is unpaid.

  Background:
    Given the shop sells the course run "6.86x-1T2027" for $39.33 with 1 seat
    And the shop sells the course run "14.310x-1T2027" for $199.99

  Rule: An unpaid order holds its seats

    @ORD-01
    Scenario: The last seat is held by an unpaid order
      When Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      Then Ada's order is awaiting payment
      And Ada's order costs $39.33
      When Bob adds "6.86x-1T2027" to his basket
      Then the shop refuses with the message "Every seat of Course 6.86x (6.86x-1T2027) is taken"

    @ORD-02
    Scenario: The last seat goes to the learner who places the order first
      When Ada adds "6.86x-1T2027" to her basket
      And Bob adds "6.86x-1T2027" to his basket
      And Ada reviews her order
      And Bob checks out
      And Ada confirms the order
      Then the shop refuses with the message "Every seat of Course 6.86x (6.86x-1T2027) is taken"
      And Ada has no order
      And Bob's order is awaiting payment

  Rule: An order is placed only as the learner reviewed it

    @ORD-03
    Scenario: A price change after the review is refused and shown
      When Ada adds "6.86x-1T2027" to her basket
      And Ada reviews her order
      And the price of "6.86x-1T2027" changes to $49.33
      And Ada confirms the order
      Then the shop refuses with the message "The total is now $49.33; it was $39.33 when you last saw it"
      And Ada has no order
      When Ada checks out
      Then Ada's order costs $49.33

    @ORD-04
    Scenario: A product withdrawn after the review is refused
      When Ada adds "6.86x-1T2027" to her basket
      And Ada reviews her order
      But "6.86x-1T2027" is withdrawn
      And Ada confirms the order
      Then the shop refuses with the message "Course 6.86x (6.86x-1T2027) is no longer sold"
      And Ada has no order

  Rule: A learner has one unpaid order

    @ORD-05
    Scenario: Confirming twice places one order
      When Ada adds "6.86x-1T2027" to her basket
      And Ada reviews her order
      And Ada confirms the order
      And Ada confirms the order
      Then Ada has 1 order
      And no request was refused

    @ORD-06
    Scenario: Checking out the same basket again continues the same order
      When Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And Ada checks out
      Then Ada has 1 order
      And Ada's order is awaiting payment

    @ORD-07
    Scenario: Checking out a changed basket replaces the unpaid order
      When Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And Ada removes "6.86x-1T2027" from her basket
      And Ada adds "14.310x-1T2027" to her basket
      And Ada checks out
      Then Ada has 2 orders
      And Ada's order costs $199.99
      When Bob adds "6.86x-1T2027" to his basket
      And Bob checks out
      Then Bob's order is awaiting payment

  Rule: An order with a total of zero is paid without the payment gateway

    @ORD-08
    Scenario: A free order is paid at once
      Given the code "GIFT" gives 100 percent off
      When Ada adds "6.86x-1T2027" to her basket
      And Ada enters the code "GIFT"
      And Ada checks out
      Then Ada's order is paid
      And nothing was charged
      And Ada's basket is empty

  Rule: An order is visible to its learner only

    @ORD-09
    Scenario: Another learner cannot see the order
      When Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      Then Bob cannot see Ada's order

  Rule: Paying removes from the basket only what was bought

    @ORD-37
    Scenario: A product that was added after checking out stays in the basket
      When Ada adds "6.86x-1T2027" to her basket
      And Ada checks out
      And Ada adds "14.310x-1T2027" to her basket
      And Ada pays with a valid card
      Then Ada's order is paid
      And the total of Ada's basket is $199.99

  Rule: A program takes a seat in each run that was picked for it

    @ORD-38
    Scenario: The last seat of a run is taken by a program
      Given the shop sells the program "STATS" with the courses "6.86x" and "14.310x" for $150.00
      When Ada adds "STATS" to her basket with the course run "6.86x-1T2027"
      And Ada checks out
      And Bob adds "6.86x-1T2027" to his basket
      Then the shop refuses with the message "Every seat of Course 6.86x (6.86x-1T2027) is taken"
